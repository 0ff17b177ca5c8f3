package intake

import (
	"context"
	"strconv"

	"baogong/db"
	"baogong/delivery"
	"baogong/reading/address"
)

// HomeBook is the address book of an estate, with the households behind its doors.
type HomeBook struct {
	*address.Book

	homes     []db.BookDoor         // of the doors, by index
	at        map[delivery.UUID]int // the doors of households
	buildings map[delivery.UUID]string
}

// book reads the address book of a community.
func (v *Verbs) book(ctx context.Context, community int32) (*HomeBook, error) {
	read, err := v.DB.UnscopedAddressBook(ctx, community)
	if err != nil {
		return nil, err
	}
	return newBook(read), nil
}

func newBook(read *db.AddressBook) *HomeBook {
	b := &HomeBook{homes: read.Doors, at: make(map[delivery.UUID]int, len(read.Doors)), buildings: map[delivery.UUID]string{}}
	words := address.Words{Name: read.Name, Lane: read.Lane, BuildingNames: map[string]string{}}
	for _, of := range read.Buildings {
		b.buildings[of.UUID] = of.Code
		if of.Name != "" && of.Name != of.Code {
			words.BuildingNames[of.Name] = of.Code
		}
	}
	doors, phones := make([]address.Door, len(read.Doors)), map[string][]int{}
	for k, d := range read.Doors {
		doors[k] = address.Door{Building: d.Code, Unit: strconv.Itoa(d.Unit), Room: d.Room}
		b.at[d.Household] = k
		if number := d.Phone.Reveal(); number != "" {
			phones[number] = append(phones[number], k)
		}
	}
	aliases := map[string]address.Meaning{}
	for _, w := range read.Words {
		switch w.Kind {
		case delivery.AliasEstate:
			words.Names = append(words.Names, w.Text)
		case delivery.AliasNoise:
			words.Noise = append(words.Noise, w.Text)
		case delivery.AliasLandmark:
			words.Landmarks = append(words.Landmarks, w.Text)
		case delivery.AliasBuilding:
			aliases[w.TextKey] = address.Meaning{Door: -1, Building: b.buildings[*w.BuildingUUID]}
		case delivery.AliasDoor:
			if k, there := b.at[*w.HouseholdUUID]; there {
				aliases[w.TextKey] = address.Meaning{Door: k}
			}
		}
	}
	b.Book = address.NewBook(words, doors, phones, aliases)
	return b
}

// context is what is known about the texts of an import beside them: the building of the chat group.
func (b *HomeBook) context(i *delivery.Import) address.Context {
	if i.BuildingUUID == nil {
		return address.Context{}
	}
	return address.Context{Building: b.buildings[*i.BuildingUUID]}
}

// home returns the household behind a door of the book.
func (b *HomeBook) home(d address.Door) *db.BookDoor { return &b.homes[d.Index] }

// building returns the one building of the doors, nil if they are of several.
func (b *HomeBook) building(doors []address.Door) *delivery.UUID {
	var one *delivery.UUID
	for _, d := range doors {
		of := b.home(d).Building
		if one != nil && *one != of {
			return nil
		}
		one = &of
	}
	return one
}
