"""Words by which arguments and choices are known, English and Chinese."""

from __future__ import annotations

CUES: dict[str, str] = {
    # what an argument's name or description says: words that stand before its value
    "from": "from leaving departing since between 从 由", "origin": "from leaving 从", "start": "from starting since 从 开始",
    "departure": "from leaving departing 从", "source": "from 从", "to": "to into 到 至 去",
    "destination": "to for 到 去 至", "arrival": "to 到", "end": "to until till through ending 到 至", "target": "to into 到 成",
    "recipient": "to 给", "receiver": "to 给", "location": "in at near around 在", "city": "in at near to from 在",
    "place": "in at near 在", "area": "in near 在", "country": "in from 在", "venue": "at 在",
    "name": "named called name 叫 名为 名字 名称", "title": "titled called named 标题 叫", "topic": "about on 关于 主题",
    "subject": "about 关于", "query": "for about search 搜索 查", "keyword": "for about 关键词", "author": "by",
    "artist": "by", "branch": "on from", "count": "", "number": "number 数量", "cuisine": "", "color": "",
}  # fmt: skip
ALSO = {
    # what an English choice is called in Chinese
    "high": "高 较高 很高", "medium": "中等 适中", "low": "低 较低", "large": "大 大杯 大号", "small": "小 小杯 小号",
    "daily": "每天 每日", "weekly": "每周", "monthly": "每月 月度", "yearly": "每年 年度", "annual": "年度", "male": "男",
    "female": "女", "yes": "是 需要", "beginner": "初学者 初级 新手", "intermediate": "中级", "advanced": "高级",
    "spring": "春 春季", "summer": "夏 夏季", "autumn": "秋 秋季", "winter": "冬 冬季", "morning": "早上 上午",
    "afternoon": "下午", "evening": "晚上", "night": "夜晚 夜间", "hot": "热", "cold": "冷", "red": "红", "blue": "蓝",
    "green": "绿", "white": "白", "black": "黑", "yellow": "黄", "english": "英文 英语", "chinese": "中文 汉语",
    "french": "法语", "spanish": "西班牙语", "japanese": "日语", "german": "德语", "celsius": "摄氏", "fahrenheit": "华氏",
    "urgent": "紧急", "normal": "普通 正常", "strong": "强", "weak": "弱", "fast": "快", "slow": "慢", "indoor": "室内",
    "outdoor": "室外 户外", "week": "周", "month": "月", "year": "年",
}  # fmt: skip
TYPES = {
    "dict": "object",
    "float": "number",
    "tuple": "array",
    "int": "integer",
    "bool": "boolean",
    "str": "string",
}
