/**
 * @generated SignedSource<<ed249ae6f6a7213a526c66696d6da3f7>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = (function(){
var v0 = [
  {
    "alias": null,
    "args": null,
    "concreteType": "Viewer",
    "kind": "LinkedField",
    "name": "me",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "Community",
        "kind": "LinkedField",
        "name": "community",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
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
    "argumentDefinitions": [],
    "kind": "Fragment",
    "metadata": null,
    "name": "relayMeQuery",
    "selections": (v0/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [],
    "kind": "Operation",
    "name": "relayMeQuery",
    "selections": (v0/*:: as any*/)
  },
  "params": {
    "cacheID": "cb4c434958bbd893ee5162f8f92ee7f5",
    "id": null,
    "metadata": {},
    "name": "relayMeQuery",
    "operationKind": "query",
    "text": "query relayMeQuery {\n  me {\n    community {\n      id\n    }\n  }\n}\n"
  }
};
})();

node.hash = "e441f9a68ae60c1691b495b93192468a";

export default node;
