import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a new folder for conversations. */
export async function newDataFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'fal-chat-'))
}
