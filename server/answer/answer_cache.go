package answer

// answerCache are kept in two generations: when one is full, or old, the older one is forgotten.
type answerCache struct {
	young, old map[int64]*Answer
	bytes      int // in young
}

const answersKept = 512 << 10 // bytes in each generation

func (k *answerCache) get(number int64) *Answer {
	if a := k.young[number]; a != nil {
		return a
	}
	return k.old[number]
}

func (k *answerCache) put(number int64, a *Answer) {
	if k.bytes += len(a.JSON); k.bytes > answersKept {
		k.age()
		k.bytes = len(a.JSON)
	}
	if k.young == nil {
		k.young = map[int64]*Answer{}
	}
	k.young[number] = a
}

// drop removes one answer.
func (k *answerCache) drop(number int64) {
	if a := k.young[number]; a != nil {
		k.bytes -= len(a.JSON)
		delete(k.young, number)
	}
	delete(k.old, number)
}

// age makes the young generation the old one.
func (k *answerCache) age() { k.old, k.young, k.bytes = k.young, nil, 0 }
