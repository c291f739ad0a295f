import { createFalChat } from '@fal-llm/core'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import {
  createApp,
  createSSRApp,
  defineComponent,
  effectScope,
  h,
  nextTick,
  reactive,
  ref,
  watch,
} from 'vue'
import type { App } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { falLlmPlugin, useFalChat, useFalLlm } from './index.ts'
import type { Chat, ChatOptions } from './index.ts'

const apps = new Set<App>()
afterEach(() => {
  for (const app of apps) app.unmount()
  apps.clear()
})

/** Runs a composable in the setup of a component on the page. */
function mountSetup<Result>(setup: () => Result, prepare: (app: App) => void = () => {}): Result {
  const results: Result[] = []
  const app = createApp(
    defineComponent({
      setup() {
        results.push(setup())
        return () => h('div')
      },
    }),
  )
  prepare(app)
  app.mount(document.createElement('main'))
  apps.add(app)
  const [result] = results
  if (result === undefined) throw new Error('The setup did not run')
  return result
}

test('the plugin gives the client; an option wins over it', async () => {
  const provided = createScriptedLlm()
  const given = createScriptedLlm()
  const install = (app: App): void => void app.use(falLlmPlugin, { llm: provided })
  expect(mountSetup(useFalLlm, install)).toBe(provided)
  void mountSetup(() => useFalChat(), install).send('to the provided')
  void mountSetup(() => useFalChat({ llm: given }), install).send('to the given')
  await settled()
  expect(provided.last.request.prompt).toBe('to the provided')
  expect(given.last.request.prompt).toBe('to the given')
})

test.each([
  ['a getter', (live: ChatOptions) => () => ({ ...live })],
  ['a ref', (live: ChatOptions) => ref(live)],
  ['a reactive object', (live: ChatOptions) => live],
])('rule 16: options in %s are watched, changed in place too', async (_name, optionsOf) => {
  const llm = createScriptedLlm()
  const live: { id: string; model: string; llm: typeof llm } = reactive({
    id: 'one',
    model: 'first/model',
    llm,
  })
  const chat = mountSetup(() => useFalChat(optionsOf(live)))
  live.model = 'second/model'
  await nextTick()
  void chat.send('Hello')
  await settled()
  expect(llm.last.request.model).toBe('second/model')
  expect(chat.messages.value).toHaveLength(2)
  live.id = 'two'
  await nextTick()
  expect(chat.messages.value).toEqual([])
  expect(chat.id.value).toBe('two')
})

test('another given chat: its state, and its commands', async () => {
  const llm = createScriptedLlm()
  const first = createFalChat({ llm, id: 'first' })
  const second = createFalChat({ llm, id: 'second' })
  // A deep ref wraps what it holds; the chat that comes out is the one that went in.
  const options = ref<{ chat: Chat }>({ chat: first })
  const shown = mountSetup(() => useFalChat(options))
  void shown.send('To the first')
  await settled()
  options.value = { chat: second }
  await nextTick()
  expect(shown.chat.value).toBe(second)
  expect(shown.messages.value).toEqual([])
  void shown.send('To the second')
  await settled()
  expect(second.getState().messages[0]?.text).toBe('To the second')
  expect(llm.calls.map(({ state }) => state)).toEqual(['running', 'running'])
})

test('outside a component it lives as long as its scope, and listens at once', async () => {
  const llm = createScriptedLlm()
  const scope = effectScope()
  const chat = scope.run(() => useFalChat({ llm, flush: 'sync' }))
  void chat?.send('Hello')
  await settled()
  expect(chat?.status.value).toBe('submitted')
  scope.stop()
  await settled()
  expect(llm.last.state).toBe('stopped')
})

test('a scope of its own outlives the component that was set up meanwhile', async () => {
  const llm = createScriptedLlm()
  const scope = effectScope(true)
  const chat = mountSetup(() => scope.run(() => useFalChat({ llm, flush: 'sync' })))
  for (const app of apps) app.unmount()
  apps.clear()
  void chat?.send('Hello')
  await settled()
  expect(chat?.status.value).toBe('submitted')
  expect(llm.last.state).toBe('running')
  scope.stop()
})

test('rule 13: whoever watches one field sees the others as new', async () => {
  const llm = createScriptedLlm()
  const seen: (readonly [string, string | undefined])[] = []
  const chat = mountSetup(() => {
    const { status, messages, ...rest } = useFalChat({ llm })
    watch(status, (next) => seen.push([next, messages.value.at(-1)?.text]), { flush: 'sync' })
    return rest
  })
  await nextTick()
  void chat.send('Hello')
  await settled()
  llm.last.addText('Hi')
  llm.last.finish()
  await settled()
  expect(seen.at(-1)).toEqual(['ready', 'Hi'])
})

test('rule 17: the same id on server and client, and a chat that has gone on meanwhile, hydrate without a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm, id: 'shared', flush: 'sync' })
  const Page = defineComponent({
    setup() {
      const own = useFalChat({ llm })
      const shared = useFalChat({ chat })
      return () =>
        h('div', { id: own.id.value }, `${shared.status.value}: ${shared.messages.value.length}`)
    },
  })
  const html = await renderToString(createSSRApp(Page))
  expect(html).toContain('ready: 0')
  void chat.send('Hello')
  await settled()
  const container = document.createElement('main')
  container.innerHTML = html
  const app = createSSRApp(Page)
  app.mount(container)
  apps.add(app)
  expect(container.innerHTML).toBe(html)
  await nextTick()
  expect(container.textContent).toBe('submitted: 2')
  expect(warn).not.toHaveBeenCalled()
  expect(error).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

test('without a server a chat that has gone on is painted as it is', async () => {
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm, flush: 'sync' })
  void chat.send('Hello')
  await settled()
  const painted = mountSetup(() => {
    const { messages } = useFalChat({ chat })
    return messages.value.length
  })
  expect(painted).toBe(2)
})
