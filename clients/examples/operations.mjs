// What the examples ask, whichever client asks it.

export const me = `query Me { me { community { id } } }`

// In an app read every page; the feedCursor to subscribe after is the first page's.
export const openOrders = `
  query OpenOrders($communityId: ID!) {
    orders(communityId: $communityId, filter: { open: true }, first: 50) {
      feedCursor
      nodes { id number stage version }
    }
  }`

export const orderEvents = `
  subscription OrderEvents($communityId: ID!, $after: String) {
    orderEvents(communityId: $communityId, after: $after) {
      cursor
      kind
      order { orderId number stage version }
    }
  }`

export function showList({ nodes }) {
  console.log(`listed ${nodes.length} open orders`)
}

export function showEvent({ kind, order }) {
  console.log(`${kind} ${order.orderId} ${order.version} ${order.stage}`)
}
