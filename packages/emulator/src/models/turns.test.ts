import { describe, expect, it } from 'vitest'
import { readTurns } from './turns.ts'

describe('readTurns', () => {
  it('takes a prompt without speakers for one turn of the user', () => {
    expect(readTurns('What is this?\n\n  indented')).toEqual([
      { role: 'user', text: 'What is this?\n\n  indented' },
    ])
  })

  it('reads a transcript: speakers at the left edge, their further lines indented', () => {
    const prompt = 'User: hi\n  there\n\nAssistant: hello\n\n  - a list\n\nUser: /long 3\n  please'
    expect(readTurns(prompt)).toEqual([
      { role: 'user', text: 'hi\nthere' },
      { role: 'assistant', text: 'hello\n\n- a list' },
      { role: 'user', text: '/long 3\nplease' },
    ])
  })

  it('does not see a speaker inside a turn', () => {
    expect(readTurns('User: they said\n  Assistant\\: nothing\n  User: neither')).toEqual([
      { role: 'user', text: 'they said\nAssistant\\: nothing\nUser: neither' },
    ])
  })

  it('leaves out what stands before the first speaker', () => {
    expect(readTurns('Earlier: much.\nUser: hi')).toEqual([{ role: 'user', text: 'hi' }])
  })
})
