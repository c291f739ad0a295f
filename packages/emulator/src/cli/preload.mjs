// `fal-emulator exec` loads this file into a program before the program itself, and it redirects calls to fal's hosts to the
// emulator. It is plain JavaScript, so that it works from the sources and in any Node program. All it knows of the emulator
// comes from the environment.

import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const { FAL_EMULATOR_URL: emulatorUrl, FAL_EMULATOR_HOSTS: hostList = '' } = process.env
const hosts = new Set(hostList.split(',').filter(Boolean))

/** The emulator's URL with fal's whole URL as its path; undefined for a URL that is not fal's. */
function mapUrl(url) {
  if (!hosts.has(url.hostname)) return undefined
  // The scheme tells the emulator that this program maps fal's hosts, and so can follow fal's own URLs.
  return new URL(`${emulatorUrl}/https://${url.hostname}${url.pathname}${url.search}`)
}

function toUrl(input) {
  const text = typeof input === 'string' ? input : (input?.url ?? input?.href)
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
}

const { fetch: realFetch } = globalThis

function patchedFetch(input, init) {
  const url = toUrl(input)
  const mapped = url && mapUrl(url)
  if (!mapped) return realFetch(input, init)
  return input instanceof Request
    ? realFetch(new Request(mapped, input), init)
    : realFetch(mapped, init)
}

/** Options of a request that name the real host, or an agent for TLS; they are dropped. */
const meantForRealHost = new Set(['agent', 'host', 'hostname', 'port', 'protocol', 'path'])

/** Wraps https.request: calls to fal's hosts go to the emulator, over http. */
function patchRequest(realRequest) {
  return function request(...call) {
    const callback = call.find((argument) => typeof argument === 'function')
    const options = call.find((argument) => isOptions(argument)) ?? {}
    const url = toUrl(call[0]) ?? fromOptions(options)
    const mapped = url && mapUrl(url)
    if (!mapped) return realRequest.apply(this, call)
    const others = Object.fromEntries(
      Object.entries(options).filter(([name]) => !meantForRealHost.has(name)),
    )
    return http.request(mapped, others, callback)
  }
}

function isOptions(argument) {
  return typeof argument === 'object' && argument !== null && !(argument instanceof URL)
}

function fromOptions({ hostname, host, path = '/' }) {
  const name = hostname ?? host
  return name && URL.canParse(`https://${name}${path}`)
    ? new URL(`https://${name}${path}`)
    : undefined
}

if (emulatorUrl) {
  globalThis.fetch = patchedFetch
  https.request = patchRequest(https.request)
  https.get = (...call) => {
    const request = https.request(...call)
    request.end()
    return request
  }
  syncBuiltinESMExports()
}
