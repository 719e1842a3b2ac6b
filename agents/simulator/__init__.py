"""A local server that speaks Anthropic's Messages API: the offline demo and every test use it.

It imports no Django. llm.md section 6 says what it models and what it must refuse.
"""

DEMO_KEY = "sk-ant-demo-offline"
