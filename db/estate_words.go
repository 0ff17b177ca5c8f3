package db

import (
	"context"

	"baogong/delivery"
)

// EstateWords reads the lane of a community, and the words with which people write its addresses.
func (t *Tx) EstateWords(ctx context.Context, community int32) (lane string, words []*delivery.AddressAlias, err error) {
	lanes, err := listTx[string](ctx, t, "read the lane of an estate", `select lane from communities where community_id = $1`, community)
	if err != nil {
		return "", nil, err
	}
	if lane, err = one(lanes, err, delivery.KindCommunity); err != nil {
		return "", nil, err
	}
	words, err = listTx[*delivery.AddressAlias](ctx, t, "read the words of an estate", `
		select w.community_id, w.id, w.kind, w.text, w.text_key, w.building_id, w.household_id, w.at, w.by_role, w.by_id
		  from address_aliases w
		 where w.community_id = $1`, community)
	return lane, words, err
}

// SaveLane writes the lane of a locked community. Its words count as a part of it, so that its version rises with them.
func (t *Tx) SaveLane(ctx context.Context, community int32, lane string) error {
	_, err := t.exec(ctx, "save the lane of an estate", `
		update communities set lane = $2, version = version + 1
		 where community_id = $1`, community, lane)
	return err
}
