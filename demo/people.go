package demo

import (
	"math/rand/v2"
	"strconv"

	"baogong/delivery"
)

// Names are drawn from lists and stand for no real person.
var (
	surnames = []string{"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高", "罗",
		"郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "蒋", "蔡", "余", "向", "覃", "望", "屈"}
	givenNames = []string{"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "秀兰", "桂英",
		"建国", "建华", "国强", "志强", "志明", "海燕", "玉兰", "红梅", "春梅", "晓东", "文静", "佳怡", "子涵", "宇航", "雨桐", "浩然", "梓萱", "俊杰", "欣怡", "永红"}
	organisations = []string{"市发改委", "市财政局", "市教育局", "市住建局", "市交通运输局", "市文旅局", "市市场监管局", "区政府办公室", "东山街道办事处",
		"东辰社区居委会", "市图书馆", "市供电公司", "市自来水公司", "长江航运集团", "城市银行", "第三中学"}
)

func person(r *rand.Rand) delivery.PersonName {
	return delivery.PersonName(pick(r, surnames) + pick(r, givenNames))
}

// phone returns a number from a block that is not assigned.
func phone(r *rand.Rand) delivery.Phone {
	return delivery.Phone("1380000" + strconv.Itoa(1000+r.IntN(9000)))
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// needsOf draws a household's needs: most have none, and the old live alone and without a smartphone.
func needsOf(r *rand.Rand) []delivery.Need {
	needs := []delivery.Need{}
	chance := func(percent int) bool { return r.IntN(100) < percent }
	switch {
	case chance(9):
		needs = append(needs, delivery.NeedElderlyAlone)
		if chance(70) {
			needs = append(needs, delivery.NeedNoSmartphone)
		}
		if chance(40) {
			needs = append(needs, delivery.NeedChronicMedicine)
		}
	case chance(7):
		needs = append(needs, delivery.NeedInfant)
	case chance(2):
		needs = append(needs, delivery.NeedPregnant)
	}
	if chance(2) {
		needs = append(needs, delivery.NeedDisabled)
	}
	if chance(1) {
		needs = append(needs, delivery.NeedDialysis)
	}
	if chance(2) {
		needs = append(needs, delivery.NeedQuarantined)
	}
	if chance(6) {
		needs = append(needs, delivery.NeedPet)
	}
	return needs
}
