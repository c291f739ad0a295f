import { describe, expect, it } from 'vitest'
import { createJobIds, toFalRequestId } from './job-ids.ts'

const app = 'openrouter/router'
const requestId = '764cabcf-b745-4b3e-ae38-1200304cf45b'

describe('createJobIds', () => {
  it('opens for the caller that submitted the job, on any server with the same key', async () => {
    const sealed = await (await createJobIds(['key:secret']))('ann').seal(app, requestId)
    expect(sealed).toMatch(/^764cabcf-b745-4b3e-ae38-1200304cf45b-[0-9a-f]{32}$/)
    expect(await (await createJobIds(['key:secret']))('ann').open(app, sealed)).toBe(requestId)
  })

  it('stays closed for anybody else, another app, another key and altered ids', async () => {
    const ids = await createJobIds(['key:secret'])
    const sealed = await ids('ann').seal(app, requestId)
    const otherKey = await createJobIds(['key:other'])
    expect(await ids('bob').open(app, sealed)).toBeUndefined()
    expect(await ids('ann').open('fal-ai/any-llm', sealed)).toBeUndefined()
    expect(await otherKey('ann').open(app, sealed)).toBeUndefined()
    expect(await ids('ann').open(app, `1${sealed.slice(1)}`)).toBeUndefined()
    expect(await ids('ann').open(app, sealed.slice(0, -1))).toBeUndefined()
    expect(await ids('ann').open(app, `${sealed}0`)).toBeUndefined()
    expect(await ids('ann').open(app, requestId)).toBeUndefined()
    expect(await ids('ann').open(app, '')).toBeUndefined()
  })

  it('does not confuse a user whose name ends where the app begins', async () => {
    const ids = await createJobIds(['key:secret'])
    const sealed = await ids('a","b').seal('c/d', requestId)
    expect(await ids('a').open('b","c/d', sealed)).toBeUndefined()
  })

  it('keeps guests from the jobs of members, whatever a member is called', async () => {
    const ids = await createJobIds(['key:secret'])
    for (const name of ['ann', 'null', 'undefined', 'anonymous', '[null']) {
      const sealed = await ids(name).seal(app, requestId)
      expect(await ids(undefined).open(app, sealed)).toBeUndefined()
      const guests = await ids(undefined).seal(app, requestId)
      expect(await ids(name).open(app, guests)).toBeUndefined()
    }
    expect(await ids(undefined).open(app, requestId)).toBeUndefined()
    const guests = await ids(undefined).seal(app, requestId)
    expect(await ids(undefined).open(app, guests)).toBe(requestId)
  })

  it('seals under the first secret and opens what any of them sealed', async () => {
    const before = await createJobIds(['old'])
    const during = await createJobIds(['new', 'old'])
    const after = await createJobIds(['new'])
    const old = await before('ann').seal(app, requestId)
    const fresh = await during('ann').seal(app, requestId)
    expect(fresh).not.toBe(old)
    expect(await during('ann').open(app, old)).toBe(requestId)
    expect(await during('bob').open(app, old)).toBeUndefined()
    expect(await after('ann').open(app, fresh)).toBe(requestId)
    expect(await after('ann').open(app, old)).toBeUndefined()
  })
})

describe('toFalRequestId', () => {
  it("leaves fal's own id of a sealed one, and of any other all of it", async () => {
    const sealed = await (await createJobIds(['key:secret']))('ann').seal(app, requestId)
    expect([sealed, requestId, 'R1', ''].map(toFalRequestId)).toEqual([
      requestId,
      requestId,
      'R1',
      '',
    ])
  })
})
