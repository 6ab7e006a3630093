"""The words of Kaeru's CSV files: what columns and codes are called in each language.

They are part of the file format, not of the screens: a file written in one language is read in any, so all of
them are known at once.
"""

from app.domain.codes import CallOutcome, Direction, FeeBasis, JobStatus, MessageKind

Names = dict[str, tuple[str, str, str]]  # a field or code → its English, French and Japanese word

LANGUAGES = ("en", "fr", "ja")

COLUMNS: Names = {
    "title": ("Job", "Mission", "案件名"),
    "part": ("Part", "Partie", "納品分"),
    "client": ("Client", "Client", "クライアント"),
    "platform": ("Platform", "Plateforme", "サイト"),
    "status": ("Status", "Statut", "状態"),
    "started": ("Started", "Début", "開始日"),
    "deadline": ("Deadline", "Échéance", "納期"),
    "fee": ("Fee", "Montant", "報酬"),
    "amount": ("Amount", "Somme", "金額"),
    "currency": ("Currency", "Devise", "通貨"),
    "basis": ("Basis", "Base", "報酬形式"),
    "estimate": ("Estimated hours", "Heures prévues", "見積時間"),
    "spent": ("Hours spent", "Heures passées", "作業時間"),
    "rating": ("Rating", "Évaluation", "評価"),
    "rating_comment": ("Rating comment", "Commentaire", "評価コメント"),
    "notes": ("Notes", "Notes", "メモ"),
    "delivered": ("Delivered", "Remis le", "納品日"),
    "invoiced": ("Invoiced", "Facturé le", "請求日"),
    "paid": ("Paid", "Payé le", "入金日"),
    "reminders": ("Reminders", "Rappels", "催促回数"),
    "at": ("Date", "Date", "日時"),
    "direction": ("Direction", "Sens", "送受信"),
    "channel": ("Channel", "Canal", "連絡手段"),
    "kind": ("Kind", "Nature", "種類"),
    "summary": ("Summary", "Objet", "件名"),
    "body": ("Text", "Texte", "本文"),
    "replied": ("Answered", "Répondu le", "返信日時"),
    "outcome": ("Outcome", "Issue", "結果"),
    "scheduled": ("Scheduled", "Prévu", "予定"),
    "minutes": ("Minutes", "Minutes", "分"),
    "note": ("Note", "Remarque", "備考"),
}

ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("title", "task", "project", "titre", "projet", "tâche", "案件", "タイトル", "仕事名", "件名"),
    "client": ("customer", "company", "société", "顧客", "顧客名", "クライアント名", "取引先", "会社名"),
    "platform": ("site", "source", "プラットフォーム"),
    "status": ("state", "état", "ステータス"),
    "started": ("start", "start date", "date de début", "開始", "受注日"),
    "deadline": (
        "due",
        "due date",
        "date limite",
        "date de livraison",
        "期限",
        "締切",
        "締め切り",
        "納品期限",
    ),
    "fee": ("price", "amount", "total", "prix", "honoraires", "somme", "金額", "報酬額", "単価", "料金"),
    "estimate": ("estimate", "hours", "estimation", "heures", "予定時間", "見積もり時間"),
    "spent": ("spent", "time spent", "temps passé", "実績時間"),
    "notes": ("comment", "remarques", "備考"),
}
"""What else people call the columns of a file of jobs."""

VALUES: Names = {
    JobStatus.APPLIED: ("Applied", "Candidature", "応募中"),
    JobStatus.OFFERED: ("Offered", "Proposée", "依頼あり"),
    JobStatus.IN_PROGRESS: ("In progress", "En cours", "進行中"),
    JobStatus.DELIVERED: ("Delivered", "Remise", "納品済み"),
    JobStatus.ACCEPTED: ("Accepted", "Acceptée", "検収済み"),
    JobStatus.PAID: ("Paid", "Payée", "支払い済み"),
    JobStatus.CLOSED: ("Closed", "Clôturée", "終了"),
    JobStatus.DECLINED: ("Declined", "Déclinée", "辞退"),
    JobStatus.LOST: ("Lost", "Perdue", "不採用"),
    FeeBasis.FIXED: ("Fixed", "Forfait", "固定"),
    FeeBasis.PER_PIECE: ("Per piece", "À la pièce", "1件あたり"),
    FeeBasis.PER_HOUR: ("Per hour", "À l’heure", "時間単価"),
    FeeBasis.PER_CHARACTER: ("Per character", "Au caractère", "文字単価"),
    CallOutcome.TAKEN: ("Taken", "Pris", "応答"),
    CallOutcome.MISSED: ("Missed", "Manqué", "不在着信"),
    CallOutcome.VOICEMAIL: ("Voicemail", "Message vocal", "留守番電話"),
    Direction.IN: ("Received", "Reçu", "受信"),
    Direction.OUT: ("Sent", "Envoyé", "送信"),
    MessageKind.QUESTION: ("Question", "Question", "質問"),
    MessageKind.REQUEST: ("Request", "Demande", "依頼"),
    MessageKind.OFFER: ("Offer", "Offre", "オファー"),
    MessageKind.CHANGE: ("Change", "Modification", "変更"),
    MessageKind.PROBLEM: ("Problem", "Problème", "問題"),
    MessageKind.CHECK_IN: ("Check-in", "Où en est-on", "進捗確認"),
    MessageKind.OTHER: ("Other", "Autre", "その他"),
    "yes": ("Yes", "Oui", "はい"),
    "no": ("No", "Non", "いいえ"),
}


def word(names: Names, code: str, language: str) -> str:
    """A code without a word (a newer version's, a channel's own name) is written as it is."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return names[code][place] if code in names else code
