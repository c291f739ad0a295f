import { useEffect } from 'react'
import { Icon } from './icon.tsx'
import { dropTarget } from './page.ts'
import { useViewStore } from './use-view-store.ts'

/** Shows, while files are held over the page, that they can be dropped. */
export function DropZone() {
  const isOver = useViewStore(dropTarget)
  useEffect(() => dropTarget.attach(), [])
  if (!isOver) return null
  return (
    <div className="drop">
      <p>
        <Icon name="attach" />
        Drop images to attach them
      </p>
    </div>
  )
}
