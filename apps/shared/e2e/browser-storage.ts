import type { Page } from 'playwright-core'

/** Denies a page every storage, as a browser does whose person blocked them. It holds from the next load on. */
export async function blockStorage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const deny = () => {
      throw new DOMException('Access is denied for this document', 'SecurityError')
    }
    for (const name of ['localStorage', 'sessionStorage'] as const) {
      Object.defineProperty(globalThis, name, { get: deny })
    }
    IDBFactory.prototype.open = deny
  })
}

/** Lets a page store nothing more in its database. Resolves with how to make room again. */
export async function fillStorage(page: Page): Promise<() => Promise<void>> {
  const put = await page.evaluateHandle(() => {
    const original = IDBObjectStore.prototype.put
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('There is no room left', 'QuotaExceededError')
    }
    return original
  })
  return () =>
    put.evaluate((original) => {
      IDBObjectStore.prototype.put = original
    })
}

/** Keeps the conversations' database busy from a page: nobody else reads or writes it until it is released. */
export async function holdStorage(page: Page): Promise<() => Promise<void>> {
  const hold = await page.evaluateHandle(
    () =>
      new Promise<{ isHeld: boolean }>((resolve) => {
        const state = { isHeld: true }
        const opening = indexedDB.open('fal-llm')
        opening.addEventListener('success', () => {
          const store = opening.result.transaction('chats', 'readwrite').objectStore('chats')
          // A transaction lasts for as long as it is asked something.
          const ask = () => {
            resolve(state)
            if (state.isHeld) store.count().addEventListener('success', ask)
            else opening.result.close()
          }
          store.count().addEventListener('success', ask)
        })
      }),
  )
  return () =>
    hold.evaluate((state) => {
      state.isHeld = false
    })
}

/** What the conversations' database of a page holds, as one text. */
export function readStorage(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const opening = indexedDB.open('fal-llm')
        opening.addEventListener('success', () => {
          const all = opening.result.transaction('chats').objectStore('chats').getAll()
          all.addEventListener('success', () => {
            opening.result.close()
            resolve(JSON.stringify(all.result))
          })
        })
      }),
  )
}
