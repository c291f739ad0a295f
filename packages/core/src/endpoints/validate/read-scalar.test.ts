import { describe, expect, it } from 'vitest'
import { pydanticRecordings } from './pydantic-recordings.test.data.ts'
import { validateInput } from '../input/validate-input.ts'

const complete = { prompt: 'x', model: 'google/gemini-2.5-flash', image_urls: [] }

describe.each(pydanticRecordings)(
  'reads "$field" of $endpoint as pydantic does',
  ({ endpoint, field, accepted, refused }) => {
    it.each(accepted.map(([given, value]) => ({ given, value })))(
      '$given becomes $value',
      ({ given, value }) => {
        const checked = validateInput(endpoint, { ...complete, [field]: given })
        expect(checked).toEqual({ ok: true, value: { ...complete, [field]: value } })
      },
    )

    const cases = refused.flatMap(({ type, ctx, given: all }) =>
      all.map((given) => ({ given, type, ctx })),
    )
    it.each(cases)('$given is refused as $type', ({ given, type, ctx }) => {
      const checked = validateInput(endpoint, { ...complete, [field]: given })
      expect(checked).toEqual({
        ok: false,
        issues: [{ path: `body.${field}`, type, message: expect.any(String), ...(ctx && { ctx }) }],
      })
    })
  },
)
