"""Names of columns and codes in Kaeru's CSV files, by language.

Files of any language can be imported, so the names of all languages are recognised. Codes have the same names
as on the screens.
"""

from app.domain.codes import CallOutcome, Direction, FeeBasis, JobStatus, MessageKind, RaisedBy

Names = dict[str, tuple[str, str, str]]  # a field or code → its English, French and Japanese name

LANGUAGES = ("en", "fr", "ja")

COLUMNS: Names = {
    "title": ("Job", "Mission", "案件名"),
    "part": ("Part", "Partie", "納品分"),
    "client": ("Client", "Client", "取引先"),
    "platform": ("Platform", "Plateforme", "受注サイト"),
    "status": ("Status", "Statut", "状況"),
    "started": ("Started", "Début", "開始日"),
    "deadline": ("Deadline", "Échéance", "納期"),
    "fee": ("Fee", "Prix", "報酬"),
    "amount": ("Amount", "Montant", "金額"),
    "currency": ("Currency", "Devise", "通貨"),
    "basis": ("How it is paid", "Mode de facturation", "報酬の形式"),
    "quantity": ("Quantity", "Quantité", "数量"),
    "estimate": ("Estimated hours", "Heures prévues", "見積もり時間"),
    "spent": ("Hours spent", "Heures passées", "作業時間"),
    "rating": ("Rating", "Évaluation des clients", "評価"),
    "rating_comment": ("Rating comment", "Commentaire", "評価コメント"),
    "notes": ("Notes", "Notes", "メモ"),
    "delivered": ("Delivered", "Livré le", "納品日"),
    "invoiced": ("Invoiced", "Facturé le", "請求日"),
    "paid": ("Paid", "Payé le", "入金日"),
    "reminders": ("Reminders", "Rappels", "催促回数"),
    "at": ("Date", "Date", "日時"),
    "direction": ("Direction", "Sens", "送受信"),
    "channel": ("Channel", "Canal", "連絡手段"),
    "kind": ("Kind", "Type", "種類"),
    "summary": ("Summary", "Objet", "件名"),
    "body": ("Text", "Texte", "本文"),
    "replied": ("Answered", "Répondu le", "返信日時"),
    "outcome": ("Outcome", "Issue", "結果"),
    "scheduled": ("Scheduled", "Prévu", "予定"),
    "minutes": ("Minutes", "Minutes", "分"),
    "raised_by": ("Raised by", "Proposé par", "提起"),
    "topic": ("Topic", "Sujet", "議題"),
    "talked_about": ("Talked about", "Évoqué le", "話した日時"),
    "note": ("Note", "Remarque", "備考"),
}

ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("title", "task", "project", "titre", "projet", "tâche", "案件", "タイトル", "仕事名", "件名"),
    "client": (
        "customer",
        "company",
        "société",
        "顧客",
        "顧客名",
        "クライアント",
        "クライアント名",
        "取引先名",
        "会社名",
    ),
    "platform": ("site", "source", "プラットフォーム", "サイト"),
    "status": ("state", "état", "ステータス", "状態"),
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
    "fee": ("price", "amount", "total", "montant", "honoraires", "somme", "金額", "報酬額", "単価", "料金"),
    "estimate": ("estimate", "hours", "estimation", "heures", "予定時間", "見積時間"),
    "quantity": ("count", "number", "nombre", "文字数", "数", "件数"),
    "basis": ("basis", "base", "報酬形式"),
    "spent": ("spent", "time spent", "temps passé", "実績時間"),
    "rating": ("évaluation", "note des clients", "stars"),
    "notes": ("comment", "remarques", "備考"),
}
"""Alternative names for columns of a jobs file."""

VALUES: Names = {
    JobStatus.APPLIED: ("Applied", "Candidature", "応募中"),
    JobStatus.OFFERED: ("Offered", "Proposée", "オファーあり"),
    JobStatus.IN_PROGRESS: ("In progress", "En cours", "進行中"),
    JobStatus.DELIVERED: ("Delivered", "Livrée", "納品済み"),
    JobStatus.ACCEPTED: ("Accepted", "Validée", "検収済み"),
    JobStatus.PAID: ("Paid", "Paiement reçu", "入金済み"),
    JobStatus.CLOSED: ("Closed", "Clôturée", "終了"),
    JobStatus.DECLINED: ("Declined", "Déclinée", "辞退"),
    JobStatus.LOST: ("Lost", "Perdue", "不採用"),
    FeeBasis.FIXED: ("Fixed price", "Forfait", "固定報酬"),
    FeeBasis.PER_PIECE: ("Per piece", "À l’unité", "件単価"),
    FeeBasis.PER_HOUR: ("Per hour", "À l’heure", "時間単価"),
    FeeBasis.PER_CHARACTER: ("Per character", "Au signe", "文字単価"),
    FeeBasis.PER_WORD: ("Per word", "Au mot", "ワード単価"),
    FeeBasis.PER_PAGE: ("Per page", "À la page", "ページ単価"),
    FeeBasis.PER_DAY: ("Per day", "À la journée", "日額"),
    CallOutcome.TAKEN: ("Taken", "Pris", "応答"),
    CallOutcome.MISSED: ("Missed", "Manqué", "不在"),
    CallOutcome.VOICEMAIL: ("Voicemail", "Message vocal", "留守電"),
    Direction.IN: ("Received", "Reçu", "受信"),
    Direction.OUT: ("Sent", "Envoyé", "送信"),
    MessageKind.QUESTION: ("Question", "Question", "質問"),
    MessageKind.REQUEST: ("Request", "Demande", "依頼"),
    MessageKind.OFFER: ("Offer", "Offre", "オファー"),
    MessageKind.CHANGE: ("Change", "Changement", "変更"),
    MessageKind.PROBLEM: ("Problem", "Problème", "問題"),
    MessageKind.CHECK_IN: ("Check-in", "Demande d’avancement", "状況確認"),
    MessageKind.OTHER: ("Other", "Autre", "その他"),
    RaisedBy.ME: ("Me", "Moi", "自分"),
    RaisedBy.CLIENT: ("Client", "Client", "クライアント"),
    "yes": ("Yes", "Oui", "はい"),
    "no": ("No", "Non", "いいえ"),
}

SYNONYMS: dict[str, tuple[str, ...]] = {
    JobStatus.OFFERED: ("offer", "依頼あり"),
    JobStatus.DELIVERED: ("remise", "納品"),
    JobStatus.ACCEPTED: ("acceptée", "承認済み"),
    JobStatus.PAID: ("payée", "réglée", "支払い済み", "支払済"),
    JobStatus.CLOSED: ("close", "terminée", "完了"),
    FeeBasis.FIXED: ("fixed", "固定"),
    FeeBasis.PER_PIECE: ("à la pièce", "1件あたり"),
    FeeBasis.PER_CHARACTER: ("au caractère",),
}
"""Alternative names for codes in a jobs file."""


def word(names: Names, code: str, language: str) -> str:
    """The name of a code, or the code itself if it has none (from a newer version, or a custom channel)."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return names[code][place] if code in names else code
