import { Chat } from '@ai-sdk/vue'
import type { UIMessage } from 'ai'
import { createApp, defineComponent, h } from 'vue'
import { textOfAi } from '../../peers/ai.ts'
import { question } from '../../peers/conversation.ts'
import { aiOptions } from './options.ts'
import { list, noteRender, openStage } from './stage.ts'
import { rowOf } from './vue-row.ts'

interface RowProps {
  readonly message: UIMessage
  readonly index: number
}

const Row = defineComponent(
  (props: RowProps) => () => {
    noteRender(props.index)
    return rowOf(props.message.role, textOfAi(props.message))
  },
  { props: ['message', 'index'] },
)

const Conversation = defineComponent(() => {
  const chat = new Chat(aiOptions)
  openStage(() => chat.sendMessage({ text: question }))
  return () => chat.messages.map((message, index) => h(Row, { key: message.id, message, index }))
})

createApp(Conversation).mount(list)
