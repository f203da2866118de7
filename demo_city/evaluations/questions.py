"""What the demo pollster asks."""

from evaluations.services import Question

QUESTIONS = (
    Question("see", "您平时能见到这位民警吗？", "visibility", "officer", text_en="Do you see this officer about?"),
    Question("know", "您认识这位民警吗？", "familiarity", "officer", text_en="Do you know this officer?"),
    Question(
        "foil", "您认识民警「陈建明」吗？", "familiarity", is_foil=True, text_en="Do you know officer Chen Jianming?"
    ),
    Question("attitude", "这位民警待人态度好吗？", "attitude", "officer", text_en="Is this officer friendly?"),
    Question(
        "rude", "这位民警对人不耐烦吗？", "attitude", "officer", is_reversed=True, text_en="Is this officer impatient?"
    ),
    Question(
        "content", "您对这位民警的工作满意吗？", "satisfaction", "officer", text_en="Are you satisfied with them?"
    ),
    Question("unit_attitude", "这个派出所办事态度好吗？", "attitude", "unit", text_en="Is this station helpful?"),
    Question("unit", "您对这个派出所满意吗？", "satisfaction", "unit", text_en="Are you satisfied with the station?"),
    Question("patrol", "您在街上常见到警察吗？", "visibility", text_en="Do you often see police in the street?"),
    Question("safe", "晚上一个人走路，您觉得安全吗？", "safety", text_en="Do you feel safe alone at night?"),
)
