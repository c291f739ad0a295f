// The site: the pages of this folder, and the API reference that typedoc writes below reference/api.

import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import type { DefaultTheme } from 'vitepress'
import llmstxt from 'vitepress-plugin-llms'

const repository = 'https://github.com/fal-llm/fal-llm'
const apiSidebar = new URL('../reference/api/typedoc-sidebar.json', import.meta.url)

type Item = DefaultTheme.SidebarItem

const page = (text: string, link: string): Item => ({ text, link })

const start: Item = {
  text: 'Start',
  items: [
    page('Which one?', '/start/'),
    page('React', '/start/react'),
    page('Vue', '/start/vue'),
    page('Svelte', '/start/svelte'),
    page('Next', '/start/next'),
    page('Nuxt', '/start/nuxt'),
    page('SvelteKit', '/start/sveltekit'),
    page('Node', '/start/node'),
  ],
}
const guides: Item = {
  text: 'Guides',
  items: [
    page('Streaming', '/streaming'),
    page('The chat', '/chat'),
    page('Durable chats', '/durable-chats'),
    page('Errors', '/errors'),
    page('Files and images', '/files'),
    page('Cost and limits', '/cost'),
    page('Mounting the proxy', '/mounting'),
    page('The proxy in production', '/proxy'),
    page('Webhooks', '/webhooks'),
    page('Testing', '/testing'),
    page('Deploying', '/deploying'),
    page('React Native and the edge', '/react-native'),
  ],
}
const moving: Item = {
  text: 'Moving here',
  items: [
    page('from @fal-ai/client', '/moving/fal-client'),
    page('from the AI SDK', '/moving/ai-sdk'),
    page('from openai', '/moving/openai'),
  ],
}
const reference: Item = {
  text: 'Reference',
  items: [
    page('Endpoints', '/endpoints'),
    { text: 'API', collapsed: true, items: apiItems() },
    page('The rules', '/rules'),
    page("fal's protocol", '/fal-protocol'),
    page('Benchmarks', '/benchmarks'),
    {
      text: 'Decisions',
      collapsed: true,
      items: [
        page('The engine is a value', '/decisions/engine-as-a-value'),
        page('A storage that merges', '/decisions/storage-that-merges'),
        page('Own stream reader', '/decisions/own-stream-reader'),
        page('Asking for a job', '/decisions/asking-for-a-job'),
        page('No schema library', '/decisions/no-schema-library'),
        page('Parts loaded on use', '/decisions/parts-loaded-on-use'),
        page('Own proxy', '/decisions/own-proxy'),
        page('One error class', '/decisions/one-error-class'),
      ],
    },
  ],
}

export default defineConfig({
  title: 'fal-llm',
  description:
    "fal.ai's language models in your app: streaming, chats, React, Vue, Svelte, a proxy, an emulator",
  lang: 'en',
  cleanUrls: true,
  srcExclude: ['node_modules/**'],
  // A page links to the repository as it does on GitHub; on the site those links lead there.
  markdown: {
    config(markdown) {
      const render = markdown.renderer.rules.link_open
      markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
        const token = tokens[index]
        const href = token?.attrGet('href')
        if (href) token?.attrSet('href', siteLink(href, String(env.relativePath)))
        return (
          render?.(tokens, index, options, env, self) ?? self.renderToken(tokens, index, options)
        )
      }
    },
  },
  vite: {
    plugins: [llmstxt({ domain: 'https://fal-llm.dev', ignoreFiles: ['reference/api/**'] })],
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start/' },
      { text: 'Guides', link: '/chat' },
      { text: 'API', link: '/reference/api/' },
    ],
    sidebar: [start, guides, moving, reference],
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    footer: { message: 'MIT' },
  },
})

/** Links that leave this folder lead into the repository. */
function siteLink(href: string, relativePath: string): string {
  if (!href.startsWith('../')) return href
  const target = new URL(href, `https://site/docs/${relativePath}`).pathname
  return target.startsWith('/docs/') ? href : `${repository}/blob/main${target}`
}

/** What typedoc wrote; nothing before it ran. */
function apiItems(): Item[] {
  if (!existsSync(apiSidebar)) return []
  // typedoc-vitepress-theme writes it in VitePress's own form.
  return JSON.parse(readFileSync(apiSidebar, 'utf8')) as Item[]
}
