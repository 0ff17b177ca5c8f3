package server

import (
	"encoding/json"
	"fmt"

	"baogong/delivery"
)

const protocol = "graphql-transport-ws"

// The close codes of graphql-transport-ws and of ours. Stock clients come back with back-off after 1001, 1012,
// 1013, 4403 and 4408, and give up after the others, which name mistakes of their own.
const (
	closeProtocolError = 1002
	closeTooBig        = 1009
	closeRestart       = 1012 // drain
	closeTryLater      = 1013 // slow reader, or we cannot admit anybody now
	closeBadMessage    = 4400
	closeUnauthorized  = 4401 // subscribe before connection_ack
	closeForbidden     = 4403 // bad credential, or the session is over
	closeNotAcceptable = 4406 // another subprotocol
	closeInitTimeout   = 4408
	closeDuplicate     = 4409 // this id is in use
	closeSecondInit    = 4429
)

// message is what a client sends.
type message struct {
	ID, Type string
	Payload  json.RawMessage
}

// parseMessage reads a message; wrong says why the protocol does not know it, for the close frame.
func parseMessage(text []byte) (m message, wrong string) {
	var members map[string]json.RawMessage // a struct's would match in capitals too
	err := decodeJSON(text, &members)
	for name, into := range map[string]*string{"id": &m.ID, "type": &m.Type} {
		if member := members[name]; err == nil && member != nil {
			err = json.Unmarshal(member, into)
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
		if m.ID == "" || len(m.ID) > 128 {
			return m, "The id must have 1 to 128 bytes."
		}
	default:
		return m, "The message type is unknown."
	}
	return m, ""
}

// greeting is the payload of connection_init.
type greeting struct {
	Authorization *string `json:"Authorization"`
	Locale        *string `json:"locale"`
}

// parseGreeting falls back on what the handshake's headers said.
func parseGreeting(payload json.RawMessage, credential string, l delivery.Locale) (string, delivery.Locale, error) {
	var g greeting
	if len(payload) > 0 {
		if err := decodeJSON(payload, &g); err != nil {
			return "", "", fmt.Errorf("parse connection_init: %w", err)
		}
	}
	if g.Authorization != nil {
		credential = *g.Authorization
	}
	if g.Locale != nil {
		l = delivery.ParseLocale(*g.Locale)
	}
	return credential, l, nil
}
