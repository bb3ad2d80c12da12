"""The journey from another language: stock gRPC and protobuf of Python, with classes generated from proto/.

usage: journey.py MATCHER INTAKE FEEDBACK     each host:port, plaintext; exit code 0: all was as promised
"""

import math
import sys
import threading
import time
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2
from rapport.directory.v1 import directory_pb2, directory_pb2_grpc
from rapport.feedback.v1 import feedback_pb2, feedback_pb2_grpc
from rapport.intake.v1 import intake_pb2, intake_pb2_grpc
from rapport.matcher.v1 import matcher_pb2, matcher_pb2_grpc, needs_pb2
from rapport.therapist.v1 import therapist_pb2

PATIENCE_SECONDS = 60
THERAPISTS = 12
RUN = "py." + uuid.uuid4().hex
REGION = "ZZ-" + uuid.uuid4().hex[:3].upper()


def new_id():
    return uuid.uuid4().hex


def therapist(number):
    profile = therapist_pb2.Therapist(
        therapist_id=f"{RUN}.{number:02}",
        display_name=f"Therapist {number}",
        invented=True,
        payers=["aetna"],
        languages=["en"],
        age_groups=["adult"],
        formats=["individual"],
        modalities=["video"],
        seats=1,
        wait_weeks=number % 3,
        concerns=["grief"],
        style=[therapist_pb2.StyleRating(dimension="directiveness", value=number / 6 - 1)],
    )
    profile.credentials.add(
        region=REGION,
        kind=therapist_pb2.CREDENTIAL_KIND_LICENCE,
        status=therapist_pb2.CREDENTIAL_STATUS_ACTIVE,
    )
    profile.last_confirmed.GetCurrentTime()
    return profile


def needs(risk=needs_pb2.RISK_LEVEL_NONE):
    wanted = needs_pb2.Needs(
        location=therapist_pb2.Place(region=REGION),
        payers=["aetna"],
        languages=["en"],
        age_group="adult",
        format="individual",
        concerns=["grief"],
        risk=needs_pb2.Risk(level=risk),
    )
    wanted.wishes.add(facet="heard", strength=1)
    wanted.wishes.add(
        style=therapist_pb2.StyleRating(dimension="directiveness", value=0.5), strength=0.6
    )
    return wanted


def refusal(call, request):
    """The code and the google.rpc details of a call that must fail."""
    try:
        call(request, timeout=PATIENCE_SECONDS)
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
        assert status.code == error.code().value[0]
        assert status.message == error.details()
        details = {}
        for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest):
            for packed in status.details:
                detail = kind()
                if packed.Unpack(detail):
                    details[kind] = detail
        return error.code(), details
    raise AssertionError("the call did not fail")


class Journey:
    def __init__(self, matcher, intake, feedback):
        self.directory = directory_pb2_grpc.DirectoryServiceStub(matcher)
        self.matcher = matcher_pb2_grpc.MatcherServiceStub(matcher)
        self.intake = intake_pb2_grpc.IntakeServiceStub(intake)
        self.feedback = feedback_pb2_grpc.FeedbackServiceStub(feedback)
        self.referral = None
        self.told = []

    def step(self, call, request, state):
        request.request_id = new_id()
        request.referral_id = self.referral.referral_id
        request.etag = self.referral.etag
        self.referral = call(request, timeout=PATIENCE_SECONDS).referral
        give_up = time.monotonic() + PATIENCE_SECONDS
        while self.referral.state == intake_pb2.REFERRAL_STATE_SUBMITTED and time.monotonic() < give_up:
            self.referral = self.intake.GetReferral(
                intake_pb2.GetReferralRequest(referral_id=self.referral.referral_id),
                timeout=PATIENCE_SECONDS,
            ).referral
        assert self.referral.state == intake_pb2.ReferralState.Value(f"REFERRAL_STATE_{state}"), self.referral

    def create(self, client_id, risk=needs_pb2.RISK_LEVEL_NONE):
        request = intake_pb2.CreateReferralRequest(
            request_id=new_id(), client_id=client_id, needs=needs(risk)
        )
        self.referral = self.intake.CreateReferral(request, timeout=PATIENCE_SECONDS).referral

    def choose(self):
        chosen = self.referral.shortlist.candidates[0].therapist_id
        self.step(
            self.intake.ChooseTherapist, intake_pb2.ChooseTherapistRequest(therapist_id=chosen), "OFFERED"
        )
        return chosen

    def respond(self, answer, state):
        self.step(self.intake.RespondToOffer, intake_pb2.RespondToOfferRequest(answer=answer), state)

    def begin(self):
        chosen = self.choose()
        self.respond(intake_pb2.OFFER_ANSWER_ACCEPTED, "ACCEPTED")
        self.step(self.intake.StartTherapy, intake_pb2.StartTherapyRequest(), "IN_THERAPY")
        return chosen

    def fit_check(self, about, verdict, heard, frictions=()):
        check = feedback_pb2.FitCheck(
            client_id=self.referral.client_id,
            therapist_id=about,
            referral_id=self.referral.referral_id,
            session_number=1,
            frictions=frictions,
            verdict=verdict,
        )
        check.facets.add(id="heard", value=heard)
        check.occurred_at.GetCurrentTime()
        request = feedback_pb2.RecordFitCheckRequest(request_id=new_id(), fit_check=check)
        give_up = time.monotonic() + PATIENCE_SECONDS
        response = None
        while response is None or (
            response.delivery == feedback_pb2.DELIVERY_PENDING and time.monotonic() < give_up
        ):
            response = self.feedback.RecordFitCheck(request, timeout=PATIENCE_SECONDS)
        assert response.delivery == feedback_pb2.DELIVERY_DELIVERED, response
        assert response.advice.rule and response.advice.sentences, response
        return response.position

    def watch(self):
        request = intake_pb2.WatchReferralRequest(referral_id=self.referral.referral_id)
        for message in self.intake.WatchReferral(request, timeout=PATIENCE_SECONDS):
            self.told.append(message.referral.revision)

    def check_shortlist(self, tried):
        shortlist = self.referral.shortlist
        assert shortlist.eligible == THERAPISTS - len(tried), shortlist
        assert not {c.therapist_id for c in shortlist.candidates} & set(tried)
        for candidate in shortlist.candidates:
            score = candidate.score
            assert math.isclose(sum(t.value for t in score.terms), score.log_score, abs_tol=1e-9)
            assert math.isclose(sum(t.value for t in score.bond_terms), score.bond_mean, abs_tol=1e-9)
            assert math.isclose(math.log(score.p_good) - score.price, score.log_score, abs_tol=1e-9)

    def every_violation_is_told(self):
        bad = intake_pb2.CreateReferralRequest(request_id=new_id(), client_id="c", needs=needs())
        bad.needs.age_group = "ancient"
        bad.needs.languages.append("not a language")
        bad.needs.ClearField("risk")
        code, details = refusal(self.intake.CreateReferral, bad)
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        info = details[error_details_pb2.ErrorInfo]
        assert (info.reason, info.domain) == ("INVALID_REQUEST", "rapport"), info
        fields = {v.field for v in details[error_details_pb2.BadRequest].field_violations}
        assert fields == {"needs.age_group", "needs.languages[1]", "needs.risk"}, fields

    def illegal_arrows_are_refused(self):
        code, details = refusal(
            self.intake.StartTherapy,
            intake_pb2.StartTherapyRequest(
                request_id=new_id(), referral_id=self.referral.referral_id, etag=self.referral.etag
            ),
        )
        assert code == grpc.StatusCode.FAILED_PRECONDITION
        info = details[error_details_pb2.ErrorInfo]
        assert info.reason == "ILLEGAL_TRANSITION", info
        assert "ChooseTherapist" in info.metadata["legal_calls"], info

    def take(self):
        rows = (directory_pb2.UpsertTherapistsRequest(therapist=therapist(i)) for i in range(THERAPISTS))
        assert self.directory.UpsertTherapists(rows, timeout=PATIENCE_SECONDS).added == THERAPISTS
        self.every_violation_is_told()

        self.create(RUN + ".client")
        watching = threading.Thread(target=self.watch, daemon=True)
        watching.start()
        self.step(self.intake.SubmitReferral, intake_pb2.SubmitReferralRequest(), "SHORTLISTED")
        self.check_shortlist([])
        assert not self.referral.shortlist.learned
        self.illegal_arrows_are_refused()
        declined = self.choose()
        self.respond(intake_pb2.OFFER_ANSWER_DECLINED, "SHORTLISTED")
        self.check_shortlist([declined])

        first = self.begin()
        position = self.fit_check(first, matcher_pb2.VERDICT_WOULD_NOT_CONTINUE, 2, ["too_directive"])
        self.step(self.intake.TryAnother, intake_pb2.TryAnotherRequest(min_as_of=position), "SHORTLISTED")
        self.check_shortlist([declined, first])
        assert self.referral.shortlist.learned
        assert self.referral.shortlist.state.as_of >= position

        second = self.begin()
        self.fit_check(second, matcher_pb2.VERDICT_WOULD_CONTINUE, 9)
        self.step(
            self.intake.CloseReferral,
            intake_pb2.CloseReferralRequest(reason=intake_pb2.CLOSE_REASON_COMPLETED),
            "CLOSED",
        )
        watching.join(PATIENCE_SECONDS)
        assert self.told and self.told[-1] == self.referral.revision, self.told
        assert self.told == list(range(self.told[0], self.told[-1] + 1)), self.told
        assert [a.therapist_id for a in self.referral.attempts] == [declined, first, second]
        listed = self.feedback.ListFeedback(
            feedback_pb2.ListFeedbackRequest(client_id=RUN + ".client"), timeout=PATIENCE_SECONDS
        )
        assert [f.fit_check.therapist_id for f in listed.feedback] == [second, first]

        self.create(RUN + ".client2", needs_pb2.RISK_LEVEL_ACUTE)
        self.step(self.intake.SubmitReferral, intake_pb2.SubmitReferralRequest(), "NEEDS_TRIAGE")
        assert self.referral.triage_reasons[0].code == "RISK_STATED"
        assert not self.referral.HasField("shortlist")


if __name__ == "__main__":
    Journey(*(grpc.insecure_channel(address) for address in sys.argv[1:4])).take()
