import { createFalChat } from '@fal-llm/core'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { StrictMode, memo } from 'react'
import type { ReactNode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { FalLlmProvider, useFalChat, useFalChatSelector, useFalMessage } from './index.ts'
import type { Chat } from './index.ts'

afterEach(cleanup)

test('a component sees the conversation grow and end', async () => {
  const llm = createScriptedLlm()
  const { result } = renderHook(() => useFalChat({ llm, flush: 'sync' }))
  expect(result.current).toMatchObject({ status: 'ready', messages: [] })
  await act(async () => {
    void result.current.send('Hello')
    await settled()
  })
  expect(result.current.status).toBe('submitted')
  await act(async () => {
    llm.last.addText('Hi')
    await settled()
  })
  expect(result.current.messages[1]).toMatchObject({ text: 'Hi', status: 'streaming' })
  await act(async () => {
    llm.last.finish()
    await settled()
  })
  expect(result.current).toMatchObject({ status: 'ready', canRegenerate: true })
})

test('the provider gives the client; an option wins over it', async () => {
  const provided = createScriptedLlm()
  const given = createScriptedLlm()
  const wrapper = ({ children }: { children: ReactNode }): ReactNode => (
    <FalLlmProvider llm={provided}>{children}</FalLlmProvider>
  )
  const first = renderHook(() => useFalChat(), { wrapper })
  const second = renderHook(() => useFalChat({ llm: given }), { wrapper })
  await act(async () => {
    void first.result.current.send('to the provided')
    void second.result.current.send('to the given')
    await settled()
  })
  expect(provided.last.request.prompt).toBe('to the provided')
  expect(given.last.request.prompt).toBe('to the given')
})

test('StrictMode: two mounts, one request, and the state goes on', async () => {
  const llm = createScriptedLlm()
  const { result } = renderHook(() => useFalChat({ llm }), { wrapper: StrictMode })
  await act(async () => {
    void result.current.send('Hello')
    await settled()
  })
  expect(llm.calls).toHaveLength(1)
  expect(llm.last.state).toBe('running')
  expect(result.current.status).toBe('submitted')
})

test.each([
  ['a chat of its own is stopped', undefined, 'stopped'],
  ['onUnmount: stop', 'stop', 'stopped'],
  ['onUnmount: detach', 'detach', 'detached'],
] as const)('unmount in the middle of an answer: %s', async (_name, onUnmount, ending) => {
  const llm = createScriptedLlm()
  const { result, unmount } = renderHook(() => useFalChat({ llm, ...(onUnmount && { onUnmount }) }))
  await act(async () => {
    void result.current.send('Hello')
    await settled()
  })
  unmount()
  await settled()
  expect(llm.last.state).toBe(ending)
})

test('a chat made elsewhere goes on after the component is gone', async () => {
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm })
  const { result, unmount } = renderHook(() => useFalChat({ chat }))
  await act(async () => {
    void result.current.send('Hello')
    await settled()
  })
  unmount()
  await settled()
  expect(llm.last.state).toBe('running')
})

test('rule 16: options are live; a changed id opens another conversation and back', async () => {
  const llm = createScriptedLlm()
  const { result, rerender } = renderHook((props) => useFalChat({ llm, flush: 'sync', ...props }), {
    initialProps: { id: 'one', model: 'a/b' },
  })
  await act(async () => {
    void result.current.send('Hello')
    await settled()
  })
  rerender({ id: 'one', model: 'c/d' })
  expect(result.current.messages).toHaveLength(2)
  rerender({ id: 'two', model: 'c/d' })
  expect(result.current.messages).toEqual([])
  await act(async () => {
    llm.last.finish()
    await settled()
  })
  rerender({ id: 'one', model: 'c/d' })
  expect(result.current.messages[1]?.status).toBe('done')
  await act(async () => {
    void result.current.send('Again')
    await settled()
  })
  expect(llm.last.request.model).toBe('c/d')
})

test('rows subscribe to their own message: untouched ones do not render again', async () => {
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm, flush: 'sync' })
  const renders = new Map<string, number>()
  const Row = memo(function Row({ chat: from, id }: { chat: Chat; id: string }): ReactNode {
    const message = useFalMessage(from, id)
    renders.set(id, (renders.get(id) ?? 0) + 1)
    return <p>{message?.text}</p>
  })
  function List(): ReactNode {
    const ids = useFalChatSelector(
      chat,
      (state) => state.messages.map((message) => message.id),
      (left, right) => left.join() === right.join(),
    )
    renders.set('list', (renders.get('list') ?? 0) + 1)
    return ids.map((id) => <Row key={id} chat={chat} id={id} />)
  }
  render(<List />)
  await act(async () => {
    void chat.send('Hello')
    await settled()
  })
  const before = new Map(renders)
  for (let count = 0; count < 10; count++) {
    await act(async () => {
      llm.last.addText('x')
      await settled()
    })
  }
  const [user, answer] = chat.getState().messages.map((message) => message.id)
  expect(renders.get(user ?? '')).toBe(before.get(user ?? ''))
  expect(renders.get('list')).toBe(before.get('list'))
  expect(renders.get(answer ?? '')).toBe((before.get(answer ?? '') ?? 0) + 10)
})

test('rule 17: rendering on a server starts nothing, and hydration finds the same first paint', async () => {
  const llm = createScriptedLlm()
  const App = (): ReactNode => {
    const { messages, status, id } = useFalChat({ llm })
    return (
      <div id={id}>
        {status}: {messages.length}
      </div>
    )
  }
  const html = renderToString(<App />)
  expect(llm.calls).toHaveLength(0)
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
  const container = document.createElement('main')
  container.innerHTML = html
  const onRecoverableError = vi.fn()
  const root = await act(async () => hydrateRoot(container, <App />, { onRecoverableError }))
  expect(container.innerHTML).toBe(html)
  expect(onRecoverableError).not.toHaveBeenCalled()
  expect(complaints).not.toHaveBeenCalled()
  complaints.mockRestore()
  await act(async () => root.unmount())
})
