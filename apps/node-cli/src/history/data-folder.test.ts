import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultDataFolder } from './data-folder.ts'

const own = join(homedir(), '.local', 'share', 'fal-chat')

test.each([
  [{ XDG_DATA_HOME: '/data' }, '/data/fal-chat'],
  [{}, own],
  [{ XDG_DATA_HOME: '' }, own],
  [{ XDG_DATA_HOME: 'relative' }, own],
])('%j keeps conversations in %s', (environment, folder) => {
  expect(defaultDataFolder(environment)).toBe(folder)
})
