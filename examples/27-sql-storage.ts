// Conversations in a SQL table. With `compareAndSet` two machines that write one conversation lose nothing of each other.

import { createFalChat, listChats } from '@fal-llm/core'
import type { ChatStorage } from '@fal-llm/core'
import { PGlite } from '@electric-sql/pglite'

/** PostgreSQL in this process; `new Pool()` of `pg` has the same `query`. */
const database = new PGlite()
await database.exec('create table chats (key text primary key, value text, number integer)')

/** One per user, with their id in the keys or the table: whoever has the storage reads every conversation in it. */
const storage: ChatStorage = {
  async getItem(key) {
    const { rows } = await database.query<{ value: string }>(
      'select value from chats where key = $1',
      [key],
    )
    return rows[0]?.value ?? null
  },
  setItem: (key, value) =>
    database.query(
      `insert into chats (key, value, number) values ($1, $2, 0)
       on conflict (key) do update set value = $2, number = 0`,
      [key, value],
    ),
  removeItem: (key) => database.query('delete from chats where key = $1', [key]),
  async keys() {
    const { rows } = await database.query<{ key: string }>('select key from chats')
    return rows.map(({ key }) => key)
  },
  async compareAndSet(key, expected, value) {
    // Each statement is one step for the database: of two machines with the same number one writes.
    const changed = await database.query(
      'update chats set value = $3, number = $2 + 1 where key = $1 and number = $2 returning key',
      [key, expected, value],
    )
    if (changed.rows.length > 0 || expected > 0) return changed.rows.length > 0
    const added = await database.query(
      'insert into chats (key, value, number) values ($1, $2, 1) on conflict do nothing returning key',
      [key, value],
    )
    return added.rows.length > 0
  },
}

const options = { id: 'trip', model: 'google/gemini-2.5-flash', storage } as const
const here = createFalChat(options)
const there = createFalChat(options) // another machine, in real life
await Promise.all([here.send('Where to in May?'), there.send('And in October?')])
await Promise.all([here.destroy(), there.destroy()])

const later = createFalChat(options)
await later.resume()
const questions = later.toJSON()
console.log(Object.values(questions.messages).filter(({ body }) => body.role === 'user').length)
console.log((await listChats(storage)).map(({ id, messageCount }) => [id, messageCount]))
await later.destroy()
await database.close()
