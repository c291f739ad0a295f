// Loaded into a program by `fal-emulator exec`, before the program itself: calls to fal's hosts go to the emulator.
// Plain JavaScript, so that it works from the sources and in any Node program. It knows nothing of the emulator but what
// the environment says.

import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const { FAL_EMULATOR_URL: emulatorUrl, FAL_EMULATOR_HOSTS: hostList = '' } = process.env
const hosts = new Set(hostList.split(',').filter(Boolean))

/** The URL at the emulator, fal's own whole behind it; undefined for a URL of somebody else. */
function mapUrl(url) {
  if (!hosts.has(url.hostname)) return undefined
  // The scheme says that the program sees fal's own URLs, and is to be handed such.
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

/** Options of a request that would lead it away from the emulator again: an agent for TLS, a host given apart. */
const meantForRealHost = new Set(['agent', 'host', 'hostname', 'port', 'protocol', 'path'])

/** Takes the place of https.request: fal's hosts are asked over http, at the emulator. */
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
