import { createRoot } from 'react-dom/client'
import { Chat } from './chat/chat'
import './chat/style.css'

createRoot(document.getElementById('app')!).render(<Chat name="__NAME__" />)
