import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newDataFolder } from '../../test/new-data-folder.ts'
import { openHistory } from './open-history.ts'

test('what is kept is there for the next process, and for nobody else', async () => {
  const folder = join(await newDataFolder(), 'made', 'when', 'needed')
  const history = openHistory(folder)
  await history.storage.setItem('fal-llm:chat:one', '{"version":1}')
  await history.remember('one')
  const next = openHistory(folder)
  expect(await next.lastId()).toBe('one')
  expect(await next.storage.getItem('fal-llm:chat:one')).toEqual({ version: 1 })
  const file = await stat(join(folder, 'fal-llm', 'chat', 'one'))
  expect(file.mode & 0o077).toBe(0)
})

test('without a conversation there is no last one', async () => {
  expect(await openHistory(await newDataFolder()).lastId()).toBeUndefined()
})

test('a name that would lead out of the folder is none', async () => {
  const folder = await newDataFolder()
  await mkdir(join(folder, 'fal-chat'))
  await writeFile(join(folder, 'fal-chat', 'last'), '../../../etc/passwd')
  expect(await openHistory(folder).lastId()).toBeUndefined()
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
