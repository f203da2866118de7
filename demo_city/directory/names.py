"""Parts of which the demo names are made, each with its romanisation."""

Part = tuple[str, str]


def _parts(text: str) -> tuple[Part, ...]:
    """Pairs from a line such as "沈 Shen, 陈 Chen"."""
    return tuple((han, latin) for han, latin in (pair.split() for pair in text.split(",")))


SURNAMES = _parts(
    "沈 Shen, 陈 Chen, 王 Wang, 张 Zhang, 徐 Xu, 朱 Zhu, 吴 Wu, 钱 Qian, 费 Fei, 潘 Pan, 陆 Lu, "
    "姚 Yao, 周 Zhou, 杨 Yang, 李 Li, 章 Zhang, 施 Shi, 俞 Yu, 褚 Chu, 嵇 Ji, 闵 Min, 莫 Mo, "
    "丁 Ding, 邱 Qiu, 蒋 Jiang, 顾 Gu, 方 Fang, 胡 Hu, 卢 Lu, 宋 Song, 孙 Sun, 谈 Tan, 汤 Tang, "
    "许 Xu, 严 Yan, 郑 Zheng, 诸 Zhu, 庄 Zhuang"
)
FEMALE = _parts(
    "佳怡 Jiayi, 雪芬 Xuefen, 晓燕 Xiaoyan, 丽萍 Liping, 雨桐 Yutong, 静雯 Jingwen, 美英 Meiying, "
    "思琪 Siqi, 海霞 Haixia, 云芳 Yunfang, 芷若 Zhiruo, 春兰 Chunlan, 梦洁 Mengjie, 书瑶 Shuyao, "
    "玉珍 Yuzhen, 婷 Ting, 敏 Min, 倩 Qian, 悦宁 Yuening, 秋月 Qiuyue"
)
MALE = _parts(
    "建明 Jianming, 国强 Guoqiang, 志伟 Zhiwei, 永康 Yongkang, 晓峰 Xiaofeng, 浩然 Haoran, "
    "文杰 Wenjie, 根法 Genfa, 学军 Xuejun, 立新 Lixin, 宇航 Yuhang, 家骏 Jiajun, 水林 Shuilin, "
    "振华 Zhenhua, 培荣 Peirong, 子轩 Zixuan, 俊 Jun, 磊 Lei, 斌 Bin, 超 Chao, 鑫 Xin, 海涛 Haitao, "
    "明远 Mingyuan, 新根 Xingen, 一帆 Yifan, 启航 Qihang, 正平 Zhengping, 少华 Shaohua, "
    "伟东 Weidong, 松年 Songnian"
)
