/**
 * @generated SignedSource<<3c46b91cd997d91186c02b2aecf595b3>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "after"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "communityId"
},
v2 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "after",
        "variableName": "after"
      },
      {
        "kind": "Variable",
        "name": "communityId",
        "variableName": "communityId"
      }
    ],
    "concreteType": "OrderEvent",
    "kind": "LinkedField",
    "name": "orderEvents",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "cursor",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "kind",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "OrderSnapshot",
        "kind": "LinkedField",
        "name": "order",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "orderId",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "number",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "stage",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "version",
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "relayOrderEventsSubscription",
    "selections": (v2/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "relayOrderEventsSubscription",
    "selections": (v2/*:: as any*/)
  },
  "params": {
    "cacheID": "980e29340c31949cbde2bb0b4c8c07b8",
    "id": null,
    "metadata": {},
    "name": "relayOrderEventsSubscription",
    "operationKind": "subscription",
    "text": "subscription relayOrderEventsSubscription(\n  $communityId: ID!\n  $after: String\n) {\n  orderEvents(communityId: $communityId, after: $after) {\n    cursor\n    kind\n    order {\n      orderId\n      number\n      stage\n      version\n    }\n  }\n}\n"
  }
};
})();

node.hash = "1d29fedfa6be77d84bc47ecda2474d04";

export default node;
