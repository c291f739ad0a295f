import { memo, useLayoutEffect, useRef } from 'react'
import { IconButton } from './icon-button.tsx'
import { PastConversations } from './past-conversations.tsx'

interface DrawerProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** The list of conversations, over a narrow screen. Escape and the way back of the focus are the dialog's own. */
export const Drawer = memo(function Drawer({ isOpen, onClose }: DrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])

  return (
    <dialog
      className="drawer"
      aria-label="Conversations"
      ref={dialog}
      onClose={onClose}
      onClick={(event) => {
        // What is beside the drawer is its backdrop, and a click there the dialog's own.
        if (event.target === event.currentTarget) onClose()
      }}
    >
      {isOpen && (
        <>
          <div className="drawer-head">
            <h2>Conversations</h2>
            <IconButton name="Close" icon="remove" onClick={onClose} />
          </div>
          <PastConversations onOpen={onClose} />
        </>
      )}
    </dialog>
  )
})
