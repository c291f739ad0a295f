import { falLlm } from '@fal-llm/vite'
import type { Plugin, PluginOption } from 'vite'

const route = '/api/fal/proxy'

/**
 * The demo's proxy, so that the fal key stays out of the page: `falLlm()`, or with FAL_PROXY_URL a proxy that runs already.
 * Tells the page where the emulator is, for its commands and pictures.
 */
export function falProxy(): PluginOption[] {
  const { FAL_PROXY_URL: proxyUrl, FAL_BASE_URL: emulatorUrl } = process.env
  if (proxyUrl) return [passOn(new URL(proxyUrl)), tellPage('')]
  return [falLlm(), tellPage(emulatorUrl ?? '')]
}

function tellPage(emulatorUrl: string): Plugin {
  const define = { 'import.meta.env.VITE_FAL_EMULATOR_URL': JSON.stringify(emulatorUrl) }
  return { name: 'emulator-url', config: () => ({ define }) }
}

function passOn({ origin, pathname }: URL): Plugin {
  const proxy = { [route]: { target: origin, changeOrigin: true, rewrite: () => pathname } }
  return { name: 'pass-on', config: () => ({ server: { proxy }, preview: { proxy } }) }
}
