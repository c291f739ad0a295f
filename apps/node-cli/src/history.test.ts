import { mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newDataFolder } from '../test/new-data-folder.ts'
import { defaultDataFolder, openHistory } from './history.ts'

test('what is kept is there for the next process, and for nobody else', async () => {
  const folder = join(await newDataFolder(), 'made', 'when', 'needed')
  await openHistory(folder).storage.setItem('some:key:one', 'text')
  expect(await openHistory(folder).storage.getItem('some:key:one')).toBe('text')
  const file = await stat(join(folder, 'some', 'key', 'one'))
  expect(file.mode & 0o077).toBe(0)
})

test('what is removed is gone, and removing nothing is no error', async () => {
  const { storage } = openHistory(await newDataFolder())
  await storage.setItem('kept', 'text')
  await storage.removeItem('kept')
  await storage.removeItem('kept')
  expect(await storage.getItem('kept')).toBeNull()
})

test('a key that would lead out of the folder stays in it', async () => {
  const folder = await newDataFolder()
  const { storage } = openHistory(join(folder, 'own'))
  await storage.setItem('..:../above', 'text')
  expect(await readdir(folder)).toEqual(['own'])
  expect(await storage.getItem('..:../above')).toBe('text')
})

test('rule 18: what cannot be read is an error, not an empty conversation', async () => {
  const folder = await newDataFolder()
  await mkdir(join(folder, 'kept'))
  const { storage } = openHistory(folder)
  await expect(storage.getItem('kept')).rejects.toThrow('EISDIR')
  expect(await storage.getItem('nothing')).toBeNull()
})

test('a write replaces the file as a whole and leaves no draft, even when it fails', async () => {
  const folder = await newDataFolder()
  const { storage } = openHistory(folder)
  await storage.setItem('kept', 'first')
  await mkdir(join(folder, 'taken'))
  await expect(storage.setItem('taken', 'text')).rejects.toThrow()
  await storage.setItem('kept', 'second')
  expect(await readFile(join(folder, 'kept'), 'utf8')).toBe('second')
  expect((await readdir(folder)).toSorted()).toEqual(['kept', 'taken'])
})

test('settled waits for every write, those that follow one included', async () => {
  const folder = await newDataFolder()
  const { storage, settled } = openHistory(folder)
  const first = Promise.resolve(storage.setItem('a', 'one'))
  void first.then(() => storage.setItem('a', 'two'))
  await settled()
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('two')
})

const own = join(homedir(), '.local', 'share', 'fal-chat')

test.each([
  [{ XDG_DATA_HOME: '/data' }, '/data/fal-chat'],
  [{}, own],
  [{ XDG_DATA_HOME: '' }, own],
  [{ XDG_DATA_HOME: 'relative' }, own],
])('%j keeps conversations in %s', (environment, folder) => {
  expect(defaultDataFolder(environment)).toBe(folder)
})
