package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/wire"
)

const protocol = "graphql-transport-ws"

// The close codes of graphql-transport-ws and of ours. Stock clients come back with back-off after 1001, 1012,
// 1013, 4403 and 4408, and give up after the others, which name mistakes of their own.
var (
	closeRestart       = wire.Ending{Code: 1012, Reason: "drain"}
	closeSilent        = wire.Ending{Code: 1013, Reason: "silent"} // no pong
	closeCrowded       = wire.Ending{Code: 1013, Reason: "limit"}  // too many or too fast
	closeUnavailable   = wire.Ending{Code: 1013, Reason: "unavailable"}
	closeBadMessage    = wire.Ending{Code: 4400, Reason: "protocol"}
	closeUnauthorized  = wire.Ending{Code: 4401, Reason: "protocol"} // subscribe before connection_ack
	closeBadCredential = wire.Ending{Code: 4403, Reason: "credential"}
	closeOver          = wire.Ending{Code: 4403, Reason: "session"}  // which is over
	closeNotAcceptable = wire.Ending{Code: 4406, Reason: "protocol"} // another subprotocol
	closeInitTimeout   = wire.Ending{Code: 4408, Reason: "init"}
	closeDuplicate     = wire.Ending{Code: 4409, Reason: "protocol"} // this id is in use
	closeSecondInit    = wire.Ending{Code: 4429, Reason: "protocol"}
	closeGone          = wire.Ending{Reason: "gone"} // the peer has gone, so no frame is sent
)

// endedByPeer returns the ending of a peer's own close frame. An uncommon code is answered too, but counted as 0, since a
// peer may send any number.
func endedByPeer(code int) (e wire.Ending, counted wire.Ending) {
	e = wire.Ending{Code: code, Reason: "peer"}
	switch code {
	case 1000, 1001, 1002, 1011, 4400, 4499, 4500:
		return e, e
	}
	return e, wire.Ending{Reason: "peer"}
}

const longestID = 128 // bytes of an operation's id

// message is one message of a client.
type message struct {
	ID, Type string
	Payload  json.RawMessage
}

// parseMessage reads a message. wrong is the reason for the close frame if the protocol does not allow the message.
func parseMessage(text []byte) (m message, wrong string) {
	var members map[string]json.RawMessage // a struct's would match in capitals too
	err := answer.DecodeJSON(text, &members)
	for _, each := range []struct {
		name string
		into *string
	}{{"id", &m.ID}, {"type", &m.Type}} {
		if member := members[each.name]; err == nil && member != nil {
			err = json.Unmarshal(member, each.into)
		}
	}
	if m.Payload = members["payload"]; err != nil {
		return m, "The message is not a JSON object of the protocol."
	}
	switch m.Type {
	case "connection_init", "ping", "pong":
		if len(m.Payload) > 0 && m.Payload[0] != '{' && string(m.Payload) != "null" {
			return m, "The payload must be a JSON object."
		}
	case "subscribe", "complete":
		if m.ID == "" || len(m.ID) > longestID {
			return m, "The id must have 1 to 128 bytes."
		}
	default:
		return m, "The message type is unknown."
	}
	return m, ""
}

// greeting holds the values of connection_init, with those of the handshake's headers as defaults.
type greeting struct {
	credential string
	named      bool // a credential was sent, which may be empty
	locale     delivery.Locale
}

// parseGreeting reads the payload of connection_init over what the handshake's headers said. The name of the credential
// matches in any case, as that of the header does, and it may stand among headers. It fails with a refusal if there are two.
func parseGreeting(payload json.RawMessage, g greeting) (greeting, error) {
	var members map[string]any // decoding into a struct would ignore case
	if len(payload) > 0 {
		if err := answer.DecodeJSON(payload, &members); err != nil {
			return g, fmt.Errorf("parse connection_init: %w", err)
		}
	}
	switch wanted := members["locale"].(type) {
	case nil:
	case string:
		g.locale = delivery.ParseLocale(wanted)
	default:
		return g, errors.New("parse connection_init: locale is no text")
	}
	headers, _ := members["headers"].(map[string]any)
	var named []string
	for _, object := range []map[string]any{members, headers} {
		for name, value := range object {
			if value == nil || !strings.EqualFold(name, authorization) {
				continue
			}
			credential, ok := value.(string)
			if !ok {
				return g, fmt.Errorf("parse connection_init: %s is no text", authorization)
			}
			named = append(named, credential)
		}
	}
	if len(named) == 0 {
		return g, nil
	}
	credential, err := oneOf(named)
	g.credential, g.named = credential, true
	return g, err
}
