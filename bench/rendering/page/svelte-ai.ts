import { mount } from 'svelte'
import { list } from './stage.ts'
import Conversation from './svelte/ai-conversation.svelte'

mount(Conversation, { target: list })
