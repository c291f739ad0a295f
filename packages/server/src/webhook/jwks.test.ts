import { sign } from 'node:crypto'
import fc from 'fast-check'
import { settled, until } from '@fal-llm/testkit/settled'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { signingKey } from '../../test/signed-webhook.ts'
import type { SigningKey } from '../../test/signed-webhook.ts'
import { createJwks } from './jwks.ts'
import type { Jwks } from './jwks.ts'

const message = new TextEncoder().encode('a message')
const keys = Array.from({ length: 12 }, (_, seed) => signingKey(new Uint8Array(32).fill(seed)))
const stranger = signingKey(new Uint8Array(32).fill(99))

const keyAt = (index: number): SigningKey => {
  const key = keys[index]
  if (!key) throw new Error(`there is no key ${index}`)
  return key
}

const signatureOf = ({ privateKey }: SigningKey): Uint8Array<ArrayBuffer> =>
  new Uint8Array(sign(null, message, privateKey))

type Verdict = 'fits' | 'forged' | 'unknown'

/** A key server that answers when the test lets it, and a key set that loads from it. */
function createScene(options: { readonly timeoutMs?: number } = {}) {
  const published = [keyAt(0)]
  const waiting: ((response: Response | Error) => void)[] = []
  const time = { ms: 0 }
  let loads = 0
  const signals: AbortSignal[] = []
  const errors: unknown[] = []
  const load: typeof fetch = (_url, { signal } = {}) => {
    loads += 1
    if (signal) signals.push(signal)
    return new Promise((resolve, reject) => {
      waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
    })
  }
  const jwks: Jwks = createJwks({ url: 'x:', fetch: load, clock: () => time.ms, ...options })
  return {
    published,
    time,
    signals,
    errors,
    get loads() {
      return loads
    },
    get isLoading() {
      return waiting.length > 0
    },
    /** Answers the oldest request to the key server with the keys of this moment. */
    answer: (): void => waiting.shift()?.(Response.json({ keys: published.map(({ jwk }) => jwk) })),
    fail: (): void => waiting.shift()?.(new Error('down')),
    verify: async (key: SigningKey, nowMs = 0): Promise<Verdict> => {
      try {
        return (await jwks.verify(signatureOf(key), message, nowMs)) ? 'fits' : 'forged'
      } catch (error) {
        errors.push(error)
        // Anything but "the keys cannot be had" is a defect of the key set.
        if ((error as { code?: string }).code === 'keys-unavailable') return 'unknown'
        throw error
      }
    },
  }
}

type Scene = ReturnType<typeof createScene>

/** Lets signatures be checked, which happens on other threads. */
async function untilLoading(scene: Scene): Promise<void> {
  await until(() => scene.isLoading)
}

/** A scene whose keys were loaded once. */
async function loadedScene(): Promise<Scene> {
  const scene = createScene()
  const first = scene.verify(keyAt(0))
  scene.answer()
  expect(await first).toBe('fits')
  return scene
}

it('gives up on a key server that never answers, even when fetch ignores its signal', async () => {
  expect(await createScene({ timeoutMs: 20 }).verify(keyAt(0))).toBe('unknown')
})

it('waits four seconds for the key server, aborts the request, and leaves no timer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const scene = createScene()
  const verdict = scene.verify(keyAt(0))
  await vi.advanceTimersByTimeAsync(3_999)
  expect(scene.signals[0]?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await verdict).toBe('unknown')
  expect(scene.signals[0]?.aborted).toBe(true)
  scene.time.ms = 5_000
  const again = scene.verify(keyAt(0))
  scene.answer()
  scene.answer()
  expect(await again).toBe('fits')
  expect(vi.getTimerCount()).toBe(0)
})

it.each([
  ['before', -86_399_999, 1],
  ['before', -86_400_000, 2],
  ['after', 86_399_999, 1],
  ['after', 86_400_000, 2],
])('takes keys loaded 24 hours %s the time of a call for old: %i ms', async (_way, ms, loads) => {
  const scene = await loadedScene()
  const verdict = scene.verify(keyAt(0), ms)
  await Promise.resolve()
  scene.answer()
  expect(await verdict).toBe('fits')
  expect(scene.loads).toBe(loads)
})

it('names the reason why there are no keys', async () => {
  const scene = createScene({ timeoutMs: 20 })
  await scene.verify(keyAt(0))
  expect(scene.errors[0]).toMatchObject({
    message: "fal's public keys could not be fetched",
    cause: new Error('The key server did not answer within 20 ms'),
  })
})

describe('a rotation', () => {
  it('calls none of 100 deliveries at once forged', async () => {
    const scene = await loadedScene()
    scene.published[0] = keyAt(1)
    const verdicts = Array.from({ length: 100 }, () => scene.verify(keyAt(1)))
    await untilLoading(scene)
    scene.answer()
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['fits']))
    expect(scene.loads).toBe(2)
  })

  it('is seen by a delivery that was looking at the old keys when the new ones came', async () => {
    const scene = await loadedScene()
    scene.published[0] = keyAt(1)
    const first = scene.verify(keyAt(1))
    await untilLoading(scene)
    // Its look at the old keys has begun, and ends after the new ones are known.
    const second = scene.verify(keyAt(1))
    scene.answer()
    expect(await Promise.all([first, second])).toEqual(['fits', 'fits'])
    expect(scene.loads).toBe(2)
  })

  it('during a load is found by one more load: keys that were requested earlier prove nothing', async () => {
    const scene = createScene()
    const first = scene.verify(keyAt(0))
    const later = scene.verify(keyAt(1))
    scene.answer()
    expect(await first).toBe('fits')
    scene.published[0] = keyAt(1)
    await untilLoading(scene)
    scene.answer()
    expect(await later).toBe('fits')
    expect(scene.loads).toBe(2)
  })

  it('in whatever order loads, failures and deliveries come, makes no forgery of a true one and no true one of a forgery', async () => {
    const step = fc.constantFrom(
      ...(['deliver', 'deliver', 'forge', 'rotate', 'answer', 'answer', 'fail', 'wait'] as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const scene = createScene()
        const genuine: Promise<Verdict>[] = []
        const forged: Promise<Verdict>[] = []
        for (const what of steps) {
          if (what === 'deliver') genuine.push(scene.verify(keyAt(scene.published.length - 1)))
          else if (what === 'forge') forged.push(scene.verify(stranger))
          else if (what === 'answer') scene.answer()
          else if (what === 'fail') scene.fail()
          else if (what === 'wait') scene.time.ms += 6_000
          else if (scene.published.length < keys.length) {
            scene.published.push(keyAt(scene.published.length))
          }
          await settled()
        }
        const all = { isOver: false }
        const outcome = Promise.all([Promise.all(genuine), Promise.all(forged)]).finally(
          () => (all.isOver = true),
        )
        while (!all.isOver) {
          scene.answer()
          await settled()
        }
        const [accepted, refused] = await outcome
        expect(accepted).not.toContain('forged')
        expect(refused).not.toContain('fits')
        // Five at once and one more for every ten seconds.
        expect(scene.loads).toBeLessThanOrEqual(5 + scene.time.ms / 10_000)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a load that failed', () => {
  it('is remembered for five seconds, and then tried again', async () => {
    const scene = createScene()
    const first = [scene.verify(keyAt(0)), scene.verify(keyAt(0))]
    scene.fail()
    expect(await Promise.all(first)).toEqual(['unknown', 'unknown'])
    scene.time.ms = 4_999
    expect(await scene.verify(keyAt(0))).toBe('unknown')
    expect(scene.loads).toBe(1)
    scene.time.ms = 5_000
    const again = scene.verify(keyAt(0))
    scene.answer()
    expect(await again).toBe('fits')
    expect(scene.loads).toBe(2)
  })

  it('takes nothing from the keys that are known', async () => {
    const scene = await loadedScene()
    const unknown = scene.verify(stranger)
    await untilLoading(scene)
    scene.fail()
    expect(await unknown).toBe('unknown')
    expect(await scene.verify(keyAt(0))).toBe('fits')
  })
})

describe('forgeries', () => {
  it('are judged by keys requested after they came, five times at once and then every ten seconds', async () => {
    const scene = createScene()
    const verdicts: Verdict[] = []
    const forge = async (): Promise<void> => {
      const isOver = scene.verify(stranger).then((verdict) => verdicts.push(verdict))
      const isSettled = { now: false }
      void isOver.then(() => (isSettled.now = true))
      while (!isSettled.now) {
        scene.answer()
        await settled()
      }
    }
    for (let i = 0; i < 7; i++) await forge()
    expect(verdicts).toEqual([...Array(5).fill('forged'), 'unknown', 'unknown'])
    expect(scene.loads).toBe(5)
    scene.time.ms += 9_999
    await forge()
    expect(verdicts.pop()).toBe('unknown')
    scene.time.ms += 1
    for (let i = 0; i < 2; i++) await forge()
    expect(verdicts.slice(7)).toEqual(['forged', 'unknown'])
    scene.time.ms += 3_600_000
    for (let i = 0; i < 6; i++) await forge()
    expect(verdicts.slice(9)).toEqual([...Array(5).fill('forged'), 'unknown'])
  })

  it('cannot keep a true delivery out', async () => {
    const scene = await loadedScene()
    const forged = Array.from({ length: 50 }, () => scene.verify(stranger))
    await untilLoading(scene)
    expect(await scene.verify(keyAt(0))).toBe('fits')
    scene.answer()
    expect(new Set(await Promise.all(forged))).toEqual(new Set(['forged']))
  })
})
