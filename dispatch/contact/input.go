package contact

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on contacts, as the schema describes them. An absent value is nil.

// RevealContactInput is a household whose name and phone are needed.
type RevealContactInput struct {
	ClientMutationID *string
	HouseholdID      delivery.ID
	OrderID          *delivery.ID
	Reason           string
}

// RevealRoundInput is a round whose households' names and phones are needed.
type RevealRoundInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	BuildingID       *delivery.ID
	Reason           string
}

// RevealedHousehold is one household whose contact was revealed, and the order it was for. That is all that is stored of it.
type RevealedHousehold struct {
	HouseholdID delivery.ID  `json:"household"`
	OrderID     *delivery.ID `json:"order,omitempty"`
}

// RevealContactPayload is the outcome of asking for a household's contact.
type RevealContactPayload struct {
	dispatch.Outcome
	Looks    []RevealedHousehold `json:"looks,omitempty"`
	LookedAt time.Time           `json:"at"` // machine time
	Contact  *delivery.Contact   `json:"-"`

	tally revealSum
}

// RevealRoundPayload is the outcome of asking for the contacts of a round.
type RevealRoundPayload struct {
	dispatch.Outcome
	Looks    []RevealedHousehold `json:"looks,omitempty"`
	LookedAt time.Time           `json:"at"` // machine time
	LeftOut  int                 `json:"leftOut,omitempty"`
	Contacts []*delivery.Contact `json:"-"`

	tally revealSum
}
