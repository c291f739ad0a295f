import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { followOptions } from './follow-options.ts'

interface Options {
  readonly model?: string
  readonly system?: string
  readonly params?: number
}

const someOptions = fc.record(
  {
    model: fc.constantFrom('a', 'b'),
    system: fc.constantFrom('a', 'b'),
    params: fc.constantFrom(1, Number.NaN),
  },
  { requiredKeys: [] },
)

test('rule 16: whatever options came before, those given last hold, and others have their defaults', () => {
  fc.assert(
    fc.property(someOptions, fc.array(someOptions), (first, later) => {
      let held: Options = first
      const follow = followOptions<Options>(
        { setOptions: (patch) => (held = { ...held, ...patch }) },
        first,
      )
      for (const options of later) {
        follow(options)
        const { model, system, params } = options
        // toEqual takes an option that is undefined for one that is left out, as the engine does.
        expect(held).toEqual({ model, system, params })
      }
    }),
  )
})

test('options that are the same patch nothing', () => {
  const setOptions = vi.fn()
  const follow = followOptions<Options>({ setOptions }, { model: 'a' })
  follow({ model: 'a' })
  expect(setOptions).not.toHaveBeenCalled()
  follow({ model: 'b' })
  follow({ model: 'b' })
  expect(setOptions).toHaveBeenCalledTimes(1)
  follow({})
  follow({})
  expect(setOptions).toHaveBeenCalledTimes(2)
})

test('a change says all options again, so that a new id opens with the messages that belong to it', () => {
  const setOptions = vi.fn()
  const follow = followOptions<Options>({ setOptions }, { model: 'a', system: 'b' })
  follow({ model: 'a', system: 'c' })
  expect(setOptions).toHaveBeenCalledWith({ model: 'a', system: 'c' })
})
