// The page's <base> is the root of the program, which may lie behind a path prefix.

/** The absolute address of a path of the program, such as "graphql" or "files/…". */
export const address = (path: string) => new URL(path, document.baseURI).href;

/** The address of a path for WebSockets. */
export const socketAddress = (path: string) => address(path).replace(/^http/, 'ws');

/** The path of the page that is open, below the root, with its query: "board", "my?order=…". */
export const here = () => (location.pathname + location.search).slice(new URL(document.baseURI).pathname.length);

/** Opens a page of the program. */
export const go = (path: string) => location.assign(address(path));
