import { mount } from 'svelte'
import Chat from './chat/chat.svelte'
import './chat/style.css'

mount(Chat, { target: document.getElementById('app')!, props: { name: '__NAME__' } })
