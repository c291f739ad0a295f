/** Drawings of one line each, on a grid of 24, for `<path d>` with a round stroke. */
export const icons = {
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  done: 'M5 12.5l4.5 4.5L19 7.5',
  edit: 'M4 20l1-4L16.5 4.5l3 3L8 19l-4 1zM14 7l3 3',
  regenerate: 'M19 8A8 8 0 1 0 20 13M19.5 3.5V8H15',
  previous: 'M14.5 6l-6 6 6 6',
  next: 'M9.5 6l6 6-6 6',
  latest: 'M12 5v14M6 13l6 6 6-6',
  fresh: 'M12 5v14M5 12h14',
  light:
    'M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6l1.4 1.4M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z',
  dark: 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z',
  reasoning: 'M12 3c.6 4.8 4.2 8.4 9 9-4.8.6-8.4 4.2-9 9-.6-4.8-4.2-8.4-9-9 4.8-.6 8.4-4.2 9-9z',
  remove: 'M6 6l12 12M18 6L6 18',
  list: 'M4 7h16M4 12h16M4 17h10',
  delete: 'M4 7h16M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10 11v5M14 11v5',
  attach: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5h.01',
  durable: 'M12 3l7 3v5.5c0 4.5-3 7.8-7 9.5-4-1.7-7-5-7-9.5V6zM9 11.8l2.2 2.2 3.8-4',
  offline:
    'M4 4l16 16M5 12.5a10 10 0 0 1 4.5-2.6M19 12.5a10 10 0 0 0-4-2.4M8.5 16a5 5 0 0 1 7 0M12 19.5h.01',
} as const

/** The name of a drawing. */
export type IconName = keyof typeof icons
