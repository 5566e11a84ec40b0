import SlackIM
