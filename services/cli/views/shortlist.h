// A shortlist as a coordinator reads it: who, how likely, why; and why not the others.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_SHORTLIST_H_
#define RAPPORT_SERVICES_CLI_VIEWS_SHORTLIST_H_

#include <ostream>
#include <string>

#include "rapport/intake/v1/intake.pb.h"
#include "rapport/matcher/v1/matcher.pb.h"

namespace rapport::cli {

// A fresh ranking in the form in which referrals keep theirs, so that one view serves both.
intake::v1::Shortlist AsShortlist(const matcher::v1::RankTherapistsResponse& ranking);

// Table, reasons, exclusions and relaxations, at most 100 characters wide.
void PrintShortlist(std::ostream& out, const intake::v1::Shortlist& shortlist,
                    const matcher::v1::Needs& needs);

// What a try plan promises as a whole.
void PrintPlan(std::ostream& out, const matcher::v1::RankTherapistsResponse& ranking);

// Parts of a shortlist. "clients" are those whose fit checks about this therapist are known.
void PrintCandidates(std::ostream& out, const intake::v1::Shortlist& shortlist);
void PrintReasons(std::ostream& out, const intake::v1::Shortlist& shortlist);
void PrintOthers(std::ostream& out, const intake::v1::Shortlist& shortlist, const matcher::v1::Needs& needs);

// "Ana Ruiz, LICSW".
std::string NameOf(const matcher::v1::Candidate& candidate);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_SHORTLIST_H_
