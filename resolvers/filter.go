package resolvers

import (
	"baogong/delivery"
)

func none[T any](list []T) bool { return list != nil && len(list) == 0 }

func textFilter(text *string) (string, error) {
	if text == nil {
		return "", nil
	}
	if refusal := delivery.CheckSearch(*text); refusal != nil {
		return "", refusal.At("filter", "text")
	}
	return *text, nil
}
