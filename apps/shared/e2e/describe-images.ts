import type { Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { drawImage } from './draw-image.ts'
import type { Screen } from './open-screen.ts'

/** Images: into the composer by every way there is, uploaded, sent, and shown. */
export function describeImages(screen: Screen): void {
  const pick = async (...names: readonly string[]) => {
    const buffer = await drawImage(screen.page)
    const chooser = screen.page.waitForEvent('filechooser')
    await screen.chat.button('Attach images').click()
    const files = names.map((name) => ({ name, mimeType: typeOf(name), buffer }))
    await (await chooser).setFiles(files)
  }
  /** Holds uploads until it is released. */
  const holdUploads = async () => {
    const held: Route[] = []
    const isUpload = (url: URL) => url.href.startsWith(screen.emulatorUrl)
    await screen.page.route(isUpload, (route) =>
      route.request().method() === 'PUT' ? void held.push(route) : route.fallback(),
    )
    return {
      held,
      async release(act: (route: Route) => Promise<void> = (route) => route.continue()) {
        await expect.poll(() => held.length, { timeout: 15_000 }).toBeGreaterThan(0)
        await Promise.all(held.splice(0).map(act))
      },
    }
  }
  const waitForReady = (count: number) =>
    expect
      .poll(() => screen.chat.attached.and(screen.page.locator('[data-status="ready"]')).count())
      .toBe(count)

  test('chosen: uploaded at once with a progress bar, sent to an endpoint that takes them, and shown', async () => {
    const { release } = await holdUploads()
    await screen.chat.message.fill('/echo what is this?')
    await pick('cat.png')
    await screen.page.getByRole('progressbar', { name: 'cat.png' }).waitFor()
    await screen.page.getByText('Send waits for the image.').waitFor()
    expect(await screen.chat.button('Send').isDisabled()).toBe(true)
    await screen.chat.message.press('Enter')
    expect(await screen.chat.questions.count()).toBe(0)
    await release()
    await waitForReady(1)
    await screen.page
      .getByText('With images, gemini-2.5-flash on openrouter/router/vision answers.')
      .waitFor()
    const asked = screen.page.waitForRequest((request) =>
      (request.headers()['x-fal-target-url'] ?? '').includes('openrouter/router/vision'),
    )
    await screen.chat.button('Send').click()
    const { image_urls: urls } = Object((await asked).postDataJSON())
    expect(urls).toEqual([expect.stringMatching(/\/v3\.fal\.media\/.*cat\.png$/)])
    await screen.chat.waitForAnswer('done')
    expect(await screen.chat.attached.count()).toBe(0)
    await expectImages(1)
    await screen.reload()
    await expectImages(1)
  })

  test('pasted into the composer; text is pasted as ever', async () => {
    const bytes = [...(await drawImage(screen.page))]
    await screen.chat.message.evaluate((field, data) => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([new Uint8Array(data)], 'shot.png', { type: 'image/png' }))
      field.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      )
    }, bytes)
    await waitForReady(1)
    await screen.page.evaluate(() => navigator.clipboard.writeText('some words'))
    await screen.chat.message.focus()
    await screen.page.keyboard.press('Control+V')
    expect(await screen.chat.message.inputValue()).toBe('some words')
    expect(await screen.chat.attached.count()).toBe(1)
  })

  test('dropped anywhere on the screen, which shows that it takes them', async () => {
    const bytes = [...(await drawImage(screen.page))]
    const drag = (type: string) =>
      screen.chat.conversation.evaluate(
        (element, [kind, data]) => {
          const dataTransfer = new DataTransfer()
          const file = new File([new Uint8Array(data)], 'drop.png', { type: 'image/png' })
          dataTransfer.items.add(file)
          const init = { dataTransfer, bubbles: true, cancelable: true }
          element.dispatchEvent(new DragEvent(kind, init))
        },
        [type, bytes] as const,
      )
    await drag('dragenter')
    await screen.page.getByText('Drop images to attach them').waitFor()
    await drag('dragover')
    await drag('drop')
    await screen.page.getByText('Drop images to attach them').waitFor({ state: 'detached' })
    await waitForReady(1)
    await screen.chat.send('/echo seen')
    await screen.chat.waitForAnswer('done')
    await expectImages(1)
  })

  test('removed while they are uploaded, which stops the upload', async () => {
    const { held } = await holdUploads()
    const stopped = screen.page.waitForEvent('requestfailed')
    await pick('one.png', 'two.png')
    await expect.poll(() => held.length).toBe(2)
    await screen.chat.button('Remove one.png').click()
    expect((await stopped).failure()?.errorText).toContain('ERR_ABORTED')
    expect(await screen.chat.attached.count()).toBe(1)
  })

  test('an upload that fails shows why, and Retry sends it again', async () => {
    screen.expectComplaints(/Failed to load resource/)
    const { release } = await holdUploads()
    await pick('cat.png')
    // A transfer that was cut is tried three times.
    for (let tries = 0; tries < 3; tries++) {
      await release((route) => route.abort('connectionreset'))
    }
    await screen.page.getByText('cat.png: fal cannot be reached.').waitFor()
    await screen.page.getByText('retry or remove it to send').waitFor()
    await screen.chat.button('Retry cat.png').click()
    await release()
    await waitForReady(1)
  })

  test('anything else is refused in a sentence', async () => {
    await pick('notes.pdf')
    await screen.page
      .getByText('notes.pdf cannot be sent: only PNG, JPEG, WebP and GIF images can.')
      .waitFor()
    expect(await screen.chat.attached.count()).toBe(0)
    await screen.chat.message.fill('a word')
    await screen.page.getByText('notes.pdf cannot').waitFor({ state: 'detached' })
  })

  test('a question that is edited, or answered again, keeps its images', async () => {
    await pick('cat.png', 'dog.png')
    await waitForReady(2)
    await screen.chat.ask('/echo before')
    await screen.chat.button('Regenerate').click()
    await screen.chat.conversation.getByText('2 / 2').waitFor()
    await screen.chat.waitForAnswer('done')
    await screen.chat.button('Edit').click()
    const editor = screen.page.getByRole('textbox', { name: 'Edited text' })
    await editor.fill('/echo after')
    await editor.press('Enter')
    await screen.chat.answers.getByText('after').waitFor()
    await screen.chat.waitForAnswer('done')
    await expectImages(2)
  })

  async function expectImages(count: number): Promise<void> {
    const images = screen.chat.questions.last().getByRole('img')
    const widths = () =>
      images.evaluateAll((elements) =>
        elements.map((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0)),
      )
    await expect.poll(widths).toEqual(Array.from({ length: count }, () => 240))
  }
}

function typeOf(name: string): string {
  return name.endsWith('.pdf') ? 'application/pdf' : 'image/png'
}
