import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultCommands } from '../../faults/fault-commands.ts'
import { applyCommands, commands } from './commands.ts'

const plan = { text: 'the usual', reasoning: '' }

describe('applyCommands', () => {
  it('writes exactly as many words as /long asks for', () => {
    const { text } = applyCommands(plan, '/long 137')
    expect(text.split(/\s+/)).toHaveLength(137)
  })

  it('repeats what /echo is given, further lines included', () => {
    expect(applyCommands(plan, '/echo one\ntwo').text).toBe('one\ntwo')
  })

  it('combines commands on lines of their own', () => {
    expect(applyCommands(plan, '/long 3\n/reason\n/slow 70\n/speed 9\n/error broken')).toEqual({
      text: 'The quick brown.',
      reasoning: expect.stringContaining('reasoning'),
      firstTokenMs: 70,
      tokensPerSecond: 9,
      error: 'broken',
    })
  })

  it('leaves the plan alone for what only looks like a command', () => {
    expect(applyCommands(plan, '/usr/bin/env node\nsay /long\n/unknown\n/constructor')).toBe(plan)
  })

  it('falls back to the default for an argument that is no number, and stays within limits', () => {
    expect(applyCommands(plan, '/slow soon').firstTokenMs).toBe(5000)
    expect(applyCommands(plan, '/slow -1').firstTokenMs).toBe(0)
    expect(applyCommands(plan, '/long 99999999').text.split(' ').length).toBeLessThan(100_001)
  })
})

describe('/help', () => {
  it('lists every command, and so does the README', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
    const { text } = applyCommands(plan, '/help', faultCommands)
    for (const { usage } of [...Object.values(commands), ...Object.values(faultCommands)]) {
      expect(text).toContain(`\`${usage}\``)
      expect(readme).toContain(`\`${usage}\``)
    }
  })
})
