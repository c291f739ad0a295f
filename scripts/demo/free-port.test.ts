import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { freePortOr0 } from './free-port.ts'

test('keeps a port nobody has and gives up one that is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address with a port.
  const { port } = server.address() as AddressInfo
  expect(await freePortOr0(port)).toBe(0)
  server.close()
  await once(server, 'close')
  expect(await freePortOr0(port)).toBe(port)
})
