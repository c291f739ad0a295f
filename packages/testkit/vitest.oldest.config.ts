// The bindings' conformance once more, on the oldest frameworks they promise to work with. Those are dependencies of
// this package; every import of a framework, wherever it stands, is resolved as if it stood here.

import { resolve } from 'node:path'
import { compile } from 'svelte/compiler'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import type { Plugin } from 'vite'
import { defineProject } from 'vitest/config'

const source = '@fal-llm/source'
const here = resolve(import.meta.dirname, 'package.json')
const framework = /^(react|react-dom|vue|svelte)(\/|$)/

const oldestFrameworks: Plugin = {
  name: 'oldest-frameworks',
  enforce: 'pre',
  resolveId(specifier, _importer, options) {
    if (!framework.test(specifier)) return undefined
    return this.resolve(specifier, here, { ...options, skipSelf: true })
  },
}

const svelte4: Plugin = {
  name: 'svelte-4',
  transform(code, id, options) {
    if (!id.endsWith('.svelte')) return undefined
    const { js } = compile(code, {
      filename: id,
      generate: options?.ssr ? 'ssr' : 'dom',
      hydratable: true,
    })
    return { code: js.code, map: js.map }
  },
}

export default defineProject({
  plugins: [oldestFrameworks, svelte4],
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    name: 'oldest frameworks',
    environment: 'happy-dom',
    testTimeout: 30_000,
    include: [
      '../{react,vue}/src/conformance.test.{ts,tsx}',
      '../svelte/src/{conformance,field,server}-stores.test.ts',
      '../svelte/test/runes-on-svelte-4.test.ts',
    ],
  },
})
