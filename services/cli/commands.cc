// The one table of commands: words, example, binding. --help is made from it.
#include "services/cli/command.h"
#include "services/cli/commands/bindings.h"

namespace rapport::cli {
namespace {

constexpr Group kGroups[] = {
    {"catalog", "The words a network uses"},
    {"therapist", "Single profiles of the directory"},
    {"import", "Bring a directory in from a file"},
    {"export", "Write a directory to a file"},
    {"sample", "Invented data to try things with"},
    {"referral", "A client's search, step by step"},
    {"feedback", "What clients say after a session"},
    {"model", "The fit model: what it believes, and estimating it anew"},
};

constexpr Command kCommands[] = {
    {"serve", "All three services in one process, with SQLite: for a laptop or a small network",
     "rapport serve --data-dir ./data --insecure-loopback", &BindServe},
    {"walkthrough", "A client's whole way, told step by step against a running server", "rapport walkthrough",
     &BindWalkthrough},
    {"rank", "Who would suit: a shortlist with reasons, and why not the others",
     "rapport rank --needs needs.json --client c-17 -k 5", &BindRank},
    {"explain", "One client with one therapist: every rule, every term of the score",
     "rapport explain --needs needs.json --client c-17 t-0042", &BindExplain},
    {"predict", "The probability of a bond with each of some therapists, eligible or not",
     "rapport predict --needs needs.json --client c-17 t-0042 t-0043", &BindPredict},
    {"advise", "After a session: stay, talk it through, or try another, with the numbers behind it",
     "rapport advise --client c-17 t-0042", &BindAdvise},
    {"evaluate", "The model and plain baselines on meetings that took place: figures with intervals",
     "rapport evaluate tests/evaluation/example --diagram reliability.svg", &BindEvaluate},
    {"referral create", "Open a referral", "rapport referral create --client c-17 --needs needs.json",
     &BindReferralCreate},
    {"referral get", "One referral, with its newest shortlist", "rapport referral get ref_01h...",
     &BindReferralGet},
    {"referral list", "Referrals, newest first", "rapport referral list --client c-17 --state shortlisted",
     &BindReferralList},
    {"referral update", "Change needs",
     "rapport referral update ref_01h... --needs needs.json --field wishes --field max_fee",
     &BindReferralUpdate},
    {"referral submit", "Ask for a shortlist", "rapport referral submit ref_01h...", &BindReferralSubmit},
    {"referral choose", "Choose a therapist of the shortlist: a seat is reserved, the therapist asked",
     "rapport referral choose ref_01h... t-0042", &BindReferralChoose},
    {"referral respond", "What the therapist answered", "rapport referral respond ref_01h... accepted",
     &BindReferralRespond},
    {"referral start", "Sessions have begun", "rapport referral start ref_01h...", &BindReferralStart},
    {"referral try-another", "The bond did not come: the next shortlist, with what was learned",
     "rapport referral try-another ref_01h...", &BindReferralTryAnother},
    {"referral close", "End a referral", "rapport referral close ref_01h... completed", &BindReferralClose},
    {"referral watch", "Follow a referral until it is closed", "rapport referral watch ref_01h...",
     &BindReferralWatch},
    {"feedback fit-check", "Record a client's fit check after a session",
     "rapport feedback fit-check --client c-17 --therapist t-0042 --session 1 \\\n"
     "    --verdict would-not-continue --facet heard=2 --friction advice_before_understanding",
     &BindFeedbackFitCheck},
    {"feedback instrument", "Record the scores of a questionnaire",
     "rapport feedback instrument --client c-17 --therapist t-0042 --instrument phq9 --score total=14",
     &BindFeedbackInstrument},
    {"feedback list", "What was recorded, newest first", "rapport feedback list --client c-17",
     &BindFeedbackList},
    {"therapist get", "One profile", "rapport therapist get t-0042", &BindTherapistGet},
    {"therapist list", "All profiles, by id", "rapport therapist list", &BindTherapistList},
    {"therapist confirm", "A profile still holds; say the seats and the wait where they changed",
     "rapport therapist confirm t-0042 --seats 2 --wait-weeks 1", &BindTherapistConfirm},
    {"therapist delete", "Remove a profile", "rapport therapist delete t-0042", &BindTherapistDelete},
    {"import therapists", "Add and change profiles from a CSV file",
     "rapport import therapists directory.csv\n"
     "  rapport import therapists npidata_pfile.csv --default seats=0 --default languages=en\n"
     "  rapport import therapists theirs.csv --mapping theirs.mapping --confirmed-on 2026-01-31 --dry-run",
     &BindImportTherapists},
    {"export therapists", "Write the directory as the CSV that import reads",
     "rapport export therapists > directory.csv", &BindExportTherapists},
    {"sample therapists", "An invented network, the same for the same seed",
     "rapport sample therapists --count 300 --seed 7 > sample.csv", &BindSampleTherapists},
    {"model show", "What the fit model believes: whose variance an answer is, and what features do",
     "rapport model show", &BindModelShow},
    {"model refit",
     "Estimate the model anew from every fit check, judge it, and publish it; may take minutes, whatever "
     "--timeout says",
     "rapport model refit\n  rapport model refit --republish 3", &BindModelRefit},
    {"catalog check", "Check a catalog file before serving with it",
     "rapport catalog check catalog.textproto", &BindCatalogCheck},
    {"catalog show", "The catalog in force", "rapport catalog show", &BindCatalogShow},
};

}  // namespace

absl::Span<const Command> Commands() {
  return kCommands;
}
absl::Span<const Group> Groups() {
  return kGroups;
}

}  // namespace rapport::cli
