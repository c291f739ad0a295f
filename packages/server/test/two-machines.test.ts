// Two processes over one Redis, as two machines behind a load balancer.

import { fork } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { json, startScriptedFal } from './scripted-fal.ts'
import { callProxy, input, post, runTarget, submitTarget } from './start-proxy.ts'
import { hasRedis, startRedis } from './start-redis.ts'

const reason = hasRedis ? '' : ' (skipped: no redis-server is installed here)'
const file = join(import.meta.dirname, 'one-of-two-machines.ts')

/** Starts a machine; resolves with its address. */
async function startMachine(environment: Record<string, string>): Promise<string> {
  const execArgv = ['--conditions=@fal-llm/source', '--import', 'tsx']
  const child = fork(file, { execArgv, env: { ...process.env, ...environment } })
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.disconnect()
    await ended
  })
  return new Promise((resolve, reject) => {
    child.once('message', (url) => resolve(String(url)))
    child.once('exit', (code) => reject(new Error(`The machine ended with ${code}`)))
  })
}

const ann = { authorization: 'ann' }

it.skipIf(!hasRedis)(`ten calls a minute are ten on two machines together${reason}`, async () => {
  const fal = await startScriptedFal((response) => json(response, 200, { output: 'Hi' }))
  const environment = {
    REDIS_SOCKET: await startRedis(),
    FAL_URL: fal.url,
    SECRETS: 'a-secret-both-machines-know',
  }
  const urls = await Promise.all([startMachine(environment), startMachine(environment)])
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => callProxy(urls[i % 2] ?? '', runTarget, post(input, ann))),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(20)
  expect(fal.seen).toHaveLength(10)
  const left = answers.map(({ headers }) => headers.get('ratelimit')?.match(/r=(\d+)/)?.[1])
  expect(new Set(left)).toEqual(new Set(Array.from({ length: 10 }, (_, i) => String(i))))
})

it.skipIf(!hasRedis)(
  `a job submitted on one machine is followed on the other, while their secret is changed${reason}`,
  async () => {
    const fal = await startScriptedFal((response) => json(response, 200, { request_id: 'R1' }))
    const shared = { REDIS_SOCKET: await startRedis(), FAL_URL: fal.url }
    const old = 'the-secret-of-the-old-days'
    const fresh = 'the-secret-of-the-new-days'
    const [before, after] = await Promise.all([
      startMachine({ ...shared, SECRETS: old }),
      startMachine({ ...shared, SECRETS: `${fresh} ${old}` }),
    ])
    const submitted = await callProxy(before, submitTarget, post(input, ann))
    // fal's answer to a submit names the job.
    const { request_id: id } = (await submitted.json()) as { request_id: string }
    const target = `${submitTarget}/requests/${id}/status`
    for (const url of [before, after]) {
      expect((await callProxy(url, target, { headers: ann })).status).toBe(200)
      const bob = { authorization: 'bob' }
      expect((await callProxy(url, target, { headers: bob })).status).toBe(403)
    }
  },
)
