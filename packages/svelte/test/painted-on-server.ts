/**
 * The empty chat page as a server paints it. A page is compiled for a server or for a browser, never for both at once:
 * one test paints this, another goes on from it.
 */
export const paintedOnServer = {
  svelte5:
    '<!--[--><!--[--><!----> <section data-status="loading" data-paused="false" data-storage="ok"><!--[--><!--]--> <!--[--><!--]--> <!--[-1--><!--]--><!----> <output>0</output></section><!--]--><!--]-->',
  svelte4:
    '     <section data-status="loading" data-paused="false" data-storage="ok">   <output>0</output></section>',
}
