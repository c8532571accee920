//! Tells the stories of the tests. Every person, place and event in them is invented.

/// An article as its publisher wrote it: one paragraph a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Story {
    pub(crate) title: &'static str,
    /// The last segment of its address.
    pub(crate) slug: &'static str,
    pub(crate) body: &'static str,
}

pub(crate) const FERRY: Story = Story {
    title: "Night ferry returns to Port Ellery after nine silent winters",
    slug: "night-ferry-returns-to-port-ellery",
    body: "The night ferry between Port Ellery and the island of Skarn sailed again on Monday, \
nine winters after the last boat was sold for scrap and the quay was handed over to gulls.\n\
About two hundred people stood in the rain to watch the Merganser leave, among them a brass band \
whose oldest player had blown the whistle on the final crossing.\n\
“We never took the timetable off the wall,” said Odile Farrow, who sells tickets, soup and fishing \
line from the same window. “It seemed rude to give up on it.”\n\
The boat runs on batteries that are charged while the crew sleeps, and carries forty cars, though \
the harbour board expects that most travellers will come on foot or by bicycle.\n\
A crossing takes three hours and costs less than the fuel a fishing boat would burn on the way, \
according to figures the board published in autumn.\n\
Critics on Skarn had argued that the money should go to the school, whose roof has leaked since a \
storm tore the slates away. The council now says that both will be paid for from the harbour dues.\n\
The first return boat, loaded with cheese, letters and one reluctant pony, is due before breakfast.",
};

pub(crate) const COMET: Story = Story {
    title: "Schoolchildren of Upper Brannock find a comet nobody was looking for",
    slug: "schoolchildren-find-a-comet",
    body: "Four pupils who borrowed a telescope to photograph an owl have found a comet instead, \
and the observatory at Brannock Fell has confirmed that nobody had reported it before them.\n\
The faint smudge appeared on eleven pictures taken from the roof of the village school, each a \
little further along, and was first mistaken for a thumb print on the lens.\n\
Their teacher, Ansgar Pell, sent the pictures on with an apology for wasting the astronomers’ time. \
The answer came the same evening and asked for the exact minute of every exposure.\n\
“They had written the minutes on the back of a lunch menu,” Mr Pell said. “It is now the most \
valuable menu in the county, and the cook would like it returned.”\n\
The comet will pass well outside the orbit of Mars in late summer and will not be seen without a \
glass. It takes some eight thousand years to come round, so there was no second chance.\n\
By custom it may carry no more than three names. The four have agreed to draw lots, and to share \
whatever fame is left with the owl.",
};

pub(crate) const ARCHIVE: Story = Story {
    title: "Flooded archive of Castel Varo dries its letters in a bread oven",
    slug: "flooded-archive-dries-its-letters",
    body: "When the river rose into the cellar of the town archive at Castel Varo, the bakers came \
before the fire brigade, because their street lies higher and their vans were empty at that hour.\n\
They carried out six thousand letters, most of them written by emigrants during the last century, \
and laid them on the racks where loaves are left to cool.\n\
A restorer from the provincial museum, Livia Montesi, had asked for warmth without wind. An oven \
that had been let go cold overnight turned out to be precisely that, she said.\n\
“Paper forgives a great deal if you are slow,” Ms Montesi explained. “It does not forgive hair \
dryers, and it has never forgiven enthusiasm.”\n\
The ink of about forty letters has run beyond reading. The rest can be opened again after ten days \
between felt, though they will smell of rosemary for a while.\n\
The town has since voted to move the archive to the upper floor of the customs house. Until the \
stairs have been strengthened, the bakery keeps two racks free, and the archivist brings her own \
apron.",
};

/// A notice of fewer words than tell one article from another.
pub(crate) const NOTICE: &str = "The swimming baths in Tanner Street stay closed on Thursday \
because the boiler is being looked at. Season tickets are honoured at the lido, where towels may \
be hired at the gate. The sauna opens again on Friday, as it always does.";

impl Story {
    /// The text without one of its paragraphs, counted from nought.
    pub(crate) fn without_paragraph(&self, dropped: usize) -> String {
        let kept = self.body.lines().enumerate().filter(|(place, _)| *place != dropped);
        kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    }
}
