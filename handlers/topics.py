"""Groups with topics, each of which is the thread of the message that opened it."""

from telegram import MaybeInaccessibleMessage, Message


def topic_of(message: MaybeInaccessibleMessage) -> int | None:
    """The topic a message stands in, as calls name it.

    Elsewhere a message may bear the number of a thread too, which Telegram takes for no topic.
    """
    return message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None


def replied_to(message: Message) -> Message | None:
    """What a message is a reply to. In a topic, one that is none arrives as a reply to the message that opened the topic."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created is not None else replied
